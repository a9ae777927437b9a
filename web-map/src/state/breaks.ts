// The ways to cut a figure into classes, as the server names them.

export const breaksMethods = ['quantile', 'equal', 'jenks', 'manual'] as const;
export type BreaksMethod = (typeof breaksMethods)[number];
