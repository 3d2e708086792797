/** How each flow of the TP-469 set is tried: on which simulated agent it passes, and on which wrong one it does not. */
import type { MisbehaviourName } from '../../../electron/engine/simulator/misbehaviours.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'

/**
 * `quick`: MQTT 5.0, waits shortened. `timed`: short waits as they are. `old`: MQTT 3.1.1. `tls`: over TLS.
 * `plain`: does not ask for Response Information.
 */
export type AgentKind = 'quick' | 'timed' | 'old' | 'tls' | 'plain'

export interface Case {
  /** `quick` where left out. */
  readonly on?: AgentKind
  readonly given?: JsonMap
  /** On which it must fail: an agent of the same kind that misbehaves, or a right one of another kind. */
  readonly wrong: MisbehaviourName | { readonly on: AgentKind }
}

const timed = (given: JsonMap, wrong: MisbehaviourName): Case => ({ on: 'timed', given, wrong })

/** By test number. */
export const cases: Readonly<Record<string, Case>> = {
  '1.1': { wrong: 'no-unique-keys' },
  '1.2': { wrong: 'adds-nothing' },
  '1.3': { wrong: 'partial-always' },
  '1.4': { wrong: 'partial-always' },
  '1.5': { wrong: 'first-only' },
  '1.6': { wrong: 'partial-always' },
  '1.7': { wrong: 'partial-always' },
  '1.8': { wrong: 'partial-never' },
  '1.9': { wrong: 'partial-never' },
  '1.10': { wrong: 'no-unique-keys' },
  '1.11': { wrong: 'sets-nothing' },
  '1.12': { wrong: 'sets-nothing' },
  '1.13': { wrong: 'first-only' },
  '1.14': { wrong: 'partial-always' },
  '1.15': { wrong: 'partial-always' },
  '1.16': { wrong: 'partial-never' },
  '1.17': { wrong: 'swallows-errors' },
  '1.18': { wrong: 'echoes-paths' },
  '1.19': { wrong: 'no-search' },
  '1.20': { wrong: 'partial-always' },
  '1.21': { wrong: 'partial-never' },
  '1.22': { wrong: 'no-conditions' },
  '1.23': { wrong: 'no-empty-success' },
  '1.24': { wrong: 'keeps-rows' },
  '1.25': { wrong: 'no-empty-success' },
  '1.26': { wrong: 'partial-always' },
  '1.27': { wrong: 'first-only' },
  '1.28': { wrong: 'partial-always' },
  '1.29': { wrong: 'no-empty-success' },
  '1.30': { wrong: 'partial-never' },
  '1.31': { wrong: 'partial-never' },
  '1.32': { wrong: 'no-empty-success' },
  '1.33': { wrong: 'keeps-rows' },
  '1.34': { given: { removes_all: true }, wrong: 'no-search' },
  '1.35': { wrong: 'no-conditions' },
  '1.36': { wrong: 'full-names' },
  '1.37': { wrong: 'first-only' },
  '1.38': { wrong: 'first-only' },
  '1.39': { wrong: 'full-names' },
  '1.40': { wrong: 'full-names' },
  '1.41': { wrong: 'swallows-errors' },
  '1.42': { wrong: 'swallows-errors' },
  '1.43': { wrong: 'echoes-paths' },
  '1.44': { wrong: 'no-search' },
  '1.45': { wrong: 'no-search' },
  '1.46': { wrong: 'no-conditions' },
  '1.47': { wrong: 'no-conditions' },
  '1.48': { wrong: 'no-conditions' },
  '1.49': { wrong: 'no-conditions' },
  '1.50': { wrong: 'no-conditions' },
  '1.51': { wrong: 'no-conditions' },
  '1.52': { wrong: 'no-notify' },
  '1.53': { wrong: 'keeps-rows' },
  '1.54': timed({ minimum_wait: 1, tolerance: 0.2 }, 'no-retry'),
  '1.55': timed({ time_to_live: 2 }, 'no-time-to-live'),
  '1.56': timed({ minimum_wait: 1, expiration: 2 }, 'notify-forever'),
  '1.57': { wrong: 'no-notify' },
  '1.58': { wrong: 'no-notify' },
  '1.59': timed({ interval: 1, tolerance: 0.3 }, 'no-notify'),
  '1.60': { wrong: 'no-notify' },
  '1.61': { wrong: 'runs-nothing' },
  '1.62': { wrong: 'answers-quiet-commands' },
  '1.64': { wrong: 'no-notify' },
  '1.65': { wrong: 'answers-quiet-commands' },
  '1.66': { wrong: 'all-levels' },
  '1.67': { wrong: 'first-level' },
  '1.68': { wrong: 'first-only' },
  '1.70': { wrong: 'no-search' },
  '1.71': { wrong: 'adds-nothing' },
  '1.72': { wrong: 'first-level' },
  '1.73': { wrong: 'all-levels' },
  '1.74': { wrong: 'all-of-the-model' },
  '1.75': { wrong: 'first-only' },
  '1.76': { wrong: 'first-level' },
  '1.77': { wrong: 'swallows-errors' },
  '1.79': { given: { delay: 1 }, wrong: 'no-notify' },
  '1.80': { wrong: 'empty-answers' },
  '1.81': { wrong: 'no-unique-keys' },
  '1.82': { wrong: 'no-empty-success' },
  '1.83': { wrong: 'no-empty-success' },
  '1.84': { wrong: 'no-notify' },
  '1.86': { wrong: 'no-empty-success' },
  '1.87': { wrong: 'no-empty-success' },
  '1.88': { wrong: 'swallows-errors' },
  '1.89': { wrong: 'no-max-depth' },
  '1.90': { wrong: 'no-empty-success' },
  '1.91': { wrong: 'no-notify' },
  '1.95': { wrong: 'no-search' },
  '1.96': { wrong: 'partial-always' },
  '1.97': { wrong: 'all-of-the-model' },
  '1.98': { wrong: 'all-of-the-model' },
  '1.99': { wrong: 'no-unique-keys' },
  '1.100': { wrong: 'swallows-errors' },
  '1.104': { wrong: 'partial-always' },
  '1.105': { wrong: 'empty-answers' },
  '1.106': { wrong: 'empty-answers' },
  '1.107': { wrong: 'empty-answers' },
  '11.1': { wrong: 'first-level' },
  '11.2': { wrong: 'no-endpoint-id' },
  '11.3': { on: 'tls', wrong: { on: 'quick' } },
  '11.4': { given: { changes_client_id: true }, wrong: 'other-client-id' },
  '11.5': { on: 'old', wrong: 'other-client-id' },
  '11.8': { wrong: { on: 'plain' } },
  '11.9': { wrong: 'ignores-topics' },
  '11.11': { wrong: 'ignores-refusal' },
  '11.12': { wrong: 'wrong-content-type' },
  '11.13': { wrong: 'ignores-topics' },
  '11.14': { wrong: 'wrong-topic' },
  '11.15': { wrong: 'picky-content-type' },
  '11.16': { on: 'timed', wrong: { on: 'quick' } },
  '11.17': { wrong: 'no-connect-record' },
}

/** Misbehaviours that a flow of the set shows. */
export const shownByFlows: ReadonlySet<string> = new Set(
  Object.values(cases).flatMap(({ wrong }) => (typeof wrong === 'string' ? [wrong] : [])),
)
