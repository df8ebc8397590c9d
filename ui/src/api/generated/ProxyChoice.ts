// x

export type ProxyChoice = "system" | "none" | { "url": string };
