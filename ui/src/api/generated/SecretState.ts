// x

export type SecretState = "kept" | "missing" | "not_asked";
