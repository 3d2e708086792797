/** What the doctor says about a device: a ladder of steps, each with evidence, and where one fails the cause and cure. */

export type StepId =
  'tcp' | 'tls' | 'connect' | 'authentication' | 'subscribe' | 'topics' | 'connect-record' | 'boot' | 'answer'

/**
 * `missing`: not seen, and what is seen does not say that it was refused. `not-reached`: an earlier step has to be
 * mended first. `not-needed`: this connection has no such step.
 */
export type StepState = 'done' | 'missing' | 'failed' | 'not-reached' | 'not-needed'

/** A row of the capture that shows something. */
export interface Evidence {
  readonly no: number
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number
  readonly text: string
}

/** What can be done at the bench with one click. */
export type BenchAction =
  | { readonly do: 'admit'; readonly endpointId: string; readonly username: string }
  | { readonly do: 'user'; readonly username: string }
  | { readonly do: 'allow'; readonly action: 'publish' | 'subscribe'; readonly topic: string }
  | { readonly do: 'listener'; readonly transport: 'tcp' | 'tls' | 'ws' | 'wss' }
  | { readonly do: 'ask'; readonly endpointId: string }

export interface Remedy {
  /** One sentence. */
  readonly text: string
  /** Lines for a shell on the device, in order. */
  readonly commands?: readonly string[]
  readonly action?: BenchAction
}

export interface Cause {
  /** Name of the sign (signs/), stable. */
  readonly sign: string
  /** One plain sentence. */
  readonly text: string
  readonly evidence: readonly Evidence[]
  readonly remedies: readonly Remedy[]
}

export interface Step {
  readonly id: StepId
  readonly title: string
  readonly state: StepState
  /** What shows that it was done. */
  readonly evidence: readonly Evidence[]
  readonly cause?: Cause
}

export interface Examination {
  /** `waiting`: nothing is wrong so far, and more may come. */
  readonly state: 'working' | 'waiting' | 'broken' | 'unknown'
  /** One sentence that sums it up. */
  readonly verdict: string
  readonly steps: readonly Step[]
  /** Worth knowing, but no step fails of it. */
  readonly remarks: readonly Cause[]
  /** As it stated it; empty while it has not. */
  readonly endpointId: string
  /** Of the connection that was judged, the newest: its number, and whether it is open. */
  readonly connection?: number
  readonly open: boolean
  readonly attempts: number
  /** Rows looked at, and those of the device that were not. */
  readonly rows: number
  readonly leftOut: number
}
