// x

export type ConnectionSecretSet = { connection: string, secret: string, };
