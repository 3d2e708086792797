/** Booleans of the data model travel as text: `true` or `1`, `false` or `0` (R-ENC.6). */
export const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1'
