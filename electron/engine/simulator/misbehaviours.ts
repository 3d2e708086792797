/** What a simulated agent does wrong on purpose. Data: a name, a sentence, and the switches it sets. */
import type { DistortionName } from './distortions.ts'

export type PretendedRequest = 'add' | 'set' | 'delete' | 'operate'

export interface Quirks {
  /** How it misreads requests and distorts answers, one after the other. */
  readonly distortions?: readonly DistortionName[]
  /** Requests of which it says that they were done, and does nothing. */
  readonly pretends?: readonly PretendedRequest[]
  /** A SUBACK that grants nothing is taken for one that does. */
  readonly ignoresRefusal?: boolean
  readonly hidesNotifications?: boolean
  readonly neverRetries?: boolean
  readonly keepsExpiredSubscriptions?: boolean
  /** The only Content Type that it takes. */
  readonly onlyContentType?: string
  readonly ignoresConfiguredTopics?: boolean
  readonly changesClientId?: boolean
  /** Milliseconds before each answer. */
  readonly answerDelayMs?: number
  readonly isSilent?: boolean
  readonly answersUnderOtherMsgId?: boolean
  /** How often each answer is sent. */
  readonly copies?: number
  /** Each second answer overtakes the one before it. */
  readonly swapsAnswers?: boolean
  /** Bytes of a segment: answers come in a session context, cut into such pieces. */
  readonly segmentBytes?: number
  /** Answers to Get are filled up to so many bytes. */
  readonly answerBytes?: number
  readonly hidesConnectRecord?: boolean
  /** `null`: none at all. */
  readonly contentType?: string | null
  readonly hidesResponseTopic?: boolean
  readonly hidesEndpointId?: boolean
  readonly sendsGarbage?: boolean
  readonly toId?: string
  readonly fromId?: string
  readonly recordVersion?: string
  /** The Connect Record says the other MQTT version. */
  readonly confusesMqttVersion?: boolean
  readonly skipsSubscribe?: boolean
  /** Notifications are sent again and again, whatever NotifyResp comes, each so many milliseconds. */
  readonly notifyForeverMs?: number
  readonly answersOnControllerTopic?: boolean
  /** The connection is cut instead of each answer. */
  readonly cutsInsteadOfAnswer?: boolean
  readonly retains?: boolean
  readonly claimsEncryption?: boolean
  /** What CONNACK says of the keep-alive. */
  readonly ignoresServerKeepAlive?: boolean
  /** It stays connected with nothing to subscribe. */
  readonly staysWithoutTopics?: boolean
  /** The wait before each attempt to connect is the first one. */
  readonly retriesEvenly?: boolean
  readonly ignoresTriggers?: boolean
  readonly claimsOnBoarding?: boolean
  /** OnBoardRequest after its NotifyResp, whatever was configured. */
  readonly onBoardsAgain?: 'never' | 'always'
  /** Subscriptions stay when their controller goes. */
  readonly keepsOrphans?: boolean
}

export interface Misbehaviour {
  readonly summary: string
  readonly quirks: Quirks
}

/** Longer than the ten seconds that Oktopus waits for an answer. */
const LATE_MS = 12_000

export const misbehaviours = {
  slow: { summary: 'answers after two seconds', quirks: { answerDelayMs: 2000 } },
  late: {
    summary: 'answers after twelve seconds, when nobody waits any more',
    quirks: { answerDelayMs: LATE_MS },
  },
  silent: { summary: 'never answers a request', quirks: { isSilent: true } },
  'wrong-msg-id': {
    summary: 'answers under a msg_id that nobody used (R-MSG.9)',
    quirks: { answersUnderOtherMsgId: true },
  },
  duplicate: { summary: 'sends each answer twice', quirks: { copies: 2 } },
  'out-of-order': {
    summary: 'holds an answer back until the next one was sent, two seconds at most',
    quirks: { swapsAnswers: true },
  },
  segmented: {
    summary: 'answers in a session context, in segments of 512 bytes (R-MSG.0a)',
    quirks: { segmentBytes: 512 },
  },
  huge: { summary: 'fills answers to Get up to 5 MB', quirks: { answerBytes: 5_000_000 } },
  'no-connect-record': { summary: 'sends no Connect Record (R-MTP.6)', quirks: { hidesConnectRecord: true } },
  'wrong-content-type': {
    summary: 'says Content Type application/octet-stream (R-MQTT.27)',
    quirks: { contentType: 'application/octet-stream' },
  },
  'no-content-type': { summary: 'says no Content Type (R-MQTT.27)', quirks: { contentType: null } },
  'no-response-topic': {
    summary: 'publishes without a reply topic (R-MQTT.22)',
    quirks: { hidesResponseTopic: true },
  },
  'no-endpoint-id': {
    summary: 'leaves usp-endpoint-id out of CONNECT (R-MQTT.13)',
    quirks: { hidesEndpointId: true },
  },
  garbage: { summary: 'answers with bytes that are no Record (R-MQTT.18)', quirks: { sendsGarbage: true } },
  'wrong-to-id': {
    summary: 'addresses Records to another controller',
    quirks: { toId: 'os::000000-nobody' },
  },
  'wrong-from-id': {
    summary: 'signs Records as another endpoint',
    quirks: { fromId: 'os::000000-somebody' },
  },
  'wrong-version': { summary: 'says USP version 9.9 in Records', quirks: { recordVersion: '9.9' } },
  'mqtt-version-mismatch': {
    summary: 'its Connect Record says the other MQTT version (R-MQTT.26a)',
    quirks: { confusesMqttVersion: true },
  },
  'no-subscribe': {
    summary: 'subscribes to nothing and publishes all the same (R-MQTT.17)',
    quirks: { skipsSubscribe: true },
  },
  'notify-forever': {
    summary: 'sends each notification again every second, whatever NotifyResp comes',
    quirks: { notifyForeverMs: 1000 },
  },
  'wrong-topic': {
    summary: 'answers on its controller topic, not on the Response Topic (R-MQTT.26)',
    quirks: { answersOnControllerTopic: true },
  },
  'cut-off': { summary: 'cuts the connection instead of answering', quirks: { cutsInsteadOfAnswer: true } },
  retained: { summary: 'sets RETAIN on everything it publishes', quirks: { retains: true } },
  'false-encryption': {
    summary: 'says payload_security TLS12 of plain payloads (R-E2E.41)',
    quirks: { claimsEncryption: true },
  },
  'partial-always': {
    summary: 'takes allow_partial for true (R-ADD.1)',
    quirks: { distortions: ['partial-always'] },
  },
  'partial-never': {
    summary: 'takes allow_partial for false',
    quirks: { distortions: ['partial-never'] },
  },
  'first-only': {
    summary: 'does only the first of several things in a request',
    quirks: { distortions: ['first-only'] },
  },
  'no-search': {
    summary: 'takes search paths for instances that are not there (R-MSG.4a)',
    quirks: { distortions: ['no-search'] },
  },
  'no-conditions': {
    summary: 'takes search expressions for wildcards',
    quirks: { distortions: ['no-conditions'] },
  },
  'no-max-depth': {
    summary: 'does not look at max_depth (R-GET.5)',
    quirks: { distortions: ['no-max-depth'] },
  },
  'all-levels': { summary: 'does not look at first_level_only', quirks: { distortions: ['all-levels'] } },
  'first-level': {
    summary: 'takes first_level_only for true',
    quirks: { distortions: ['first-level'] },
  },
  'all-of-the-model': {
    summary: 'tells all of its data model, whatever was asked for',
    quirks: { distortions: ['all-of-the-model'] },
  },
  'answers-quiet-commands': {
    summary: 'answers an Operate without send_resp',
    quirks: { distortions: ['answers-quiet-commands'] },
  },
  'no-unique-keys': {
    summary: 'leaves out unique keys (R-ADD.5)',
    quirks: { distortions: ['no-unique-keys'] },
  },
  'echoes-paths': {
    summary: 'answers with the paths as they were asked for, not with instance numbers (R-MSG.3)',
    quirks: { distortions: ['echoes-paths'] },
  },
  'empty-answers': {
    summary: 'answers with nothing in it',
    quirks: { distortions: ['empty-answers'] },
  },
  'swallows-errors': {
    summary: 'says of what failed that it was done',
    quirks: { distortions: ['swallows-errors'] },
  },
  'full-names': {
    summary: 'names parameters of a GetResp by their whole path (R-GET.3)',
    quirks: { distortions: ['full-names'] },
  },
  'no-empty-success': {
    summary: 'says a failure where a path means nothing',
    quirks: { distortions: ['no-empty-success'] },
  },
  'adds-nothing': { summary: 'says that it added what it did not add', quirks: { pretends: ['add'] } },
  'sets-nothing': { summary: 'says that it set what it did not set', quirks: { pretends: ['set'] } },
  'keeps-rows': { summary: 'says that it deleted what it did not delete', quirks: { pretends: ['delete'] } },
  'runs-nothing': {
    summary: 'says that it ran a command, and did not',
    quirks: { pretends: ['operate'] },
  },
  'no-notify': { summary: 'sends no notification', quirks: { hidesNotifications: true } },
  'no-retry': {
    summary: 'sends a notification once, answered or not (R-NOT.1)',
    quirks: { neverRetries: true },
  },
  'no-time-to-live': {
    summary: 'keeps subscriptions whose TimeToLive is over',
    quirks: { keepsExpiredSubscriptions: true },
  },
  'picky-content-type': {
    summary: 'takes Records of Content Type usp.msg alone (R-MQTT.27a)',
    quirks: { onlyContentType: 'usp.msg' },
  },
  'ignores-topics': {
    summary: 'does not subscribe the topics of its MQTT client’s Subscription rows (R-MQTT.15)',
    quirks: { ignoresConfiguredTopics: true },
  },
  'ignores-refusal': {
    summary: 'publishes although no subscription was granted (R-MQTT.17)',
    quirks: { ignoresRefusal: true },
  },
  'other-client-id': {
    summary: 'connects under another client ID each time (R-MQTT.11)',
    quirks: { changesClientId: true },
  },
  'own-keep-alive': {
    summary: 'does not look at Server Keep Alive of CONNACK (MQTT-3.2.2-21)',
    quirks: { ignoresServerKeepAlive: true },
  },
  'stays-without-topics': {
    summary: 'stays connected when there is nothing to subscribe (R-MQTT.16)',
    quirks: { staysWithoutTopics: true },
  },
  'even-retry': {
    summary: 'waits as long before each attempt to connect (R-MQTT.10)',
    quirks: { retriesEvenly: true },
  },
  'ignores-triggers': {
    summary: 'takes a TriggerAction of Config for none',
    quirks: { ignoresTriggers: true },
  },
  'claims-onboarding': {
    summary: 'says OnBoardingComplete as soon as it asked for it',
    quirks: { claimsOnBoarding: true },
  },
  'onboards-once': {
    summary: 'sends one OnBoardRequest, whatever OnBoardingRestartTime says (R-NOT.5)',
    quirks: { onBoardsAgain: 'never' },
  },
  'onboards-forever': {
    summary: 'sends an OnBoardRequest each second, whatever OnBoardingRestartTime says',
    quirks: { onBoardsAgain: 'always' },
  },
  'keeps-orphans': {
    summary: 'keeps subscriptions whose controller was deleted',
    quirks: { keepsOrphans: true },
  },
} as const satisfies Readonly<Record<string, Misbehaviour>>

export type MisbehaviourName = keyof typeof misbehaviours

export const misbehaviourNames = Object.keys(misbehaviours) as readonly MisbehaviourName[]

/** Several at once; where two set the same switch, the later one wins. Distortions add up. */
export function quirksOf(names: readonly MisbehaviourName[]): Quirks {
  const all: readonly Quirks[] = names.map((name) => misbehaviours[name].quirks)
  const distortions = all.flatMap((quirks) => quirks.distortions ?? [])
  return { ...(Object.assign({}, ...all) as Quirks), ...(distortions.length > 0 && { distortions }) }
}
