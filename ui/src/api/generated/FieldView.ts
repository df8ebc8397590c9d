// x

export type FieldView = { name: string, title: string, hint: string, required: boolean, secret: boolean, };
