/** The names of the sheets of the flows view. */
export type FlowsOverlay =
  'flow-save' | 'flow-rename' | 'flow-record' | 'flow-compare' | 'flow-matrix' | 'flow-reference'
