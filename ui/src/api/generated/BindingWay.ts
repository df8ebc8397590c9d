// x

export type BindingWay = "driven" | "gated" | "by_hand";
