// x

export type TrackerFeatureView = { key: string, title: string, status: string, done: boolean, versions: Array<string>, link: string, known: boolean, };
