/**
 * Tests of TP-469 (Amendment 4), chapters 1 and 11, that no flow of resources/flows/tp469 is for, and why. Tests of
 * other chapters are not among the flows.
 */
export interface NotCovered {
  /** Test number. */
  readonly test: string
  readonly title: string
  readonly why: string
}

export const notCovered: readonly NotCovered[] = [
  { test: '1.63', title: 'Operate using input arguments', why: 'Deprecated by the plan: see 1.79.' },
  { test: '1.69', title: 'deleted', why: 'The plan has no such test any more.' },
  { test: '1.85', title: 'for future work', why: 'The plan has no such test yet.' },
  {
    test: '1.92',
    title: 'Agent uses default values for Operate arguments',
    why: 'Is judged by the packets of a TraceRoute and the time between them, as a host on the way sees them: that is IP, not MQTT.',
  },
]
