// x

export type FeatureTracked = { feature: string, };
