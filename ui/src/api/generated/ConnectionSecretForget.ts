// x

export type ConnectionSecretForget = { connection: string, };
