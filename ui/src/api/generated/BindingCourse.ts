// x

export type BindingCourse = "add" | "bind" | "bound" | "refused";
