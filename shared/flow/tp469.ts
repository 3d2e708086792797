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

const TRIGGER = 'The simulated agent has no triggered actions (feature 37), so a flow could not be tried.'
const ON_BOARDING =
  'The simulated agent has no OnBoardingComplete (feature 42), so a flow could not be tried.'
const NO_FAULTS = 'The broker of the bench cannot be made to'

export const notCovered: readonly NotCovered[] = [
  { test: '1.63', title: 'Operate using input arguments', why: 'Deprecated by the plan: see 1.79.' },
  { test: '1.69', title: 'deleted', why: 'The plan has no such test any more.' },
  {
    test: '1.78',
    title: 'Removal of subscriptions that have no associated controller',
    why: 'Needs a second controller that makes subscriptions of its own.',
  },
  { test: '1.85', title: 'for future work', why: 'The plan has no such test yet.' },
  {
    test: '1.92',
    title: 'Agent uses default values for Operate arguments',
    why: 'Needs a host that counts and times the packets of a TraceRoute.',
  },
  { test: '1.93', title: 'Subscription using TriggerAction Config', why: TRIGGER },
  { test: '1.94', title: 'Subscription using TriggerAction NotifyAndConfig', why: TRIGGER },
  { test: '1.101', title: 'OnBoardRequest, OnBoardingComplete set to false', why: ON_BOARDING },
  { test: '1.102', title: 'OnBoardRequest, OnBoardingRestartTime', why: ON_BOARDING },
  { test: '1.103', title: 'OnBoardRequest, OnBoardingRestartTime disabled', why: ON_BOARDING },
  {
    test: '11.6',
    title: 'MQTT message retry',
    why: `${NO_FAULTS} be away while the attempts of a device are counted.`,
  },
  { test: '11.7', title: 'MQTT keep alive', why: `${NO_FAULTS} say a Server Keep Alive in CONNACK.` },
  {
    test: '11.10',
    title: 'No topic in CONNACK',
    why: `${NO_FAULTS} leave subscribe-topic out of CONNACK.`,
  },
]
