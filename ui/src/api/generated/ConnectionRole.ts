// x

export type ConnectionRole = "pipelines" | "tracker";
