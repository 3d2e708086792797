/** The fixed palette of colouring rules. A colour is a ground behind a row; theme.css keeps every text readable on it. */
export const ruleColours = ['grey', 'red', 'amber', 'green', 'blue', 'purple'] as const
export type RuleColour = (typeof ruleColours)[number]
