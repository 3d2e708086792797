/** Rules in which time is involved. What the agent's configuration may change is said in the finding. */
import { rulesOn } from '../rule.ts'
import { seconds, show } from '../show.ts'

/** Defaults of ConnectRetryTime and of USPNotifRetryMinimumWaitInterval in seconds; both multiply by 2. */
const RETRY_SECONDS = 5
/** Clocks, networks and schedulers. */
const TOLERANCE = 1
/** From this retry on the range stays (R-NOT.2). */
const LAST_STEP = 10

/** Default range of retry `n`, in seconds (R-NOT.1). */
export function retryRange(n: number): readonly [from: number, to: number] {
  const from = RETRY_SECONDS * 2 ** (Math.min(n, LAST_STEP) - 1)
  return [from, from * 2]
}

export const timedRules = [
  ...rulesOn('unanswered', 3, [
    {
      id: 'unanswered',
      title: 'Request without answer',
      requirements: ['R-MSG.0'],
      level: 'must',
      severity: 'warning',
      side: 'endpoint',
      expected: 'Each request that was delivered gets a response or an Error. The linter waits 30 seconds.',
      remedy: {
        text: 'An OB-USP-A drops a Record silently when to_id is not its own, from_id is no Controller it knows, or it cannot be decoded: look into its log.',
      },
      check: ({ request }) => ({
        seen: `${request.type} with msg_id ${show(request.msgId)} from ${show(request.from)} has no answer`,
        related: [request.no],
      }),
    },
  ]),
  ...rulesOn('reconnect', 3, [
    {
      id: 'reconnect-too-soon',
      title: 'Comes again too soon',
      requirements: ['R-MQTT.10', 'R-MQTT.33'],
      level: 'must',
      severity: 'warning',
      side: 'agent',
      expected: 'After a failure an agent waits ConnectRetryTime, 5 seconds unless configured otherwise.',
      remedy: { command: 'obuspa -c get Device.MQTT.Client.1.ConnectRetryTime' },
      check: ({ after, failure, seconds: waited, role }) =>
        role === 'controller' || waited >= RETRY_SECONDS - TOLERANCE
          ? undefined
          : {
              seen: `CONNECT came ${seconds(waited)} after ${after === 'refused' ? 'the broker refused it' : 'the broker ended the connection'}`,
              related: [failure.no],
            },
    },
  ]),
  ...rulesOn('renotified', 3, [
    {
      id: 'notify-retry-time',
      title: 'Notify is sent again at another time',
      requirements: ['R-NOT.1', 'R-NOT.2'],
      level: 'must',
      severity: 'warning',
      side: 'agent',
      expected:
        'Retry n waits between 5·2^(n−1) and 5·2^n seconds, unless the controller row has other values.',
      remedy: {
        text: 'Look at USPNotifRetryMinimumWaitInterval and USPNotifRetryIntervalMultiplier',
        command: 'obuspa -c get "Device.LocalAgent.Controller.*."',
      },
      check: ({ request, retry, seconds: waited }) => {
        const [from, to] = retryRange(retry)
        if (waited >= from - TOLERANCE && waited <= to + TOLERANCE) return undefined
        return {
          seen: `retry ${retry} came after ${seconds(waited)}; ${from} to ${to} s is the default`,
          related: [request.no],
        }
      },
    },
    {
      id: 'notify-retry-unwanted',
      title: 'Notify is sent again without send_resp',
      requirements: ['R-NOT.1'],
      level: 'must',
      severity: 'warning',
      side: 'agent',
      expected: 'A Notify is retried only where an answer was asked for.',
      check: ({ request, retry }) =>
        request.body?.number('send_resp') === 0
          ? { seen: `retry ${retry} of a Notify with send_resp = false`, related: [request.no] }
          : undefined,
    },
    {
      id: 'notify-retry-answered',
      title: 'Notify is sent again after its answer',
      requirements: ['R-NOT.2', 'R-NOT.3'],
      level: 'must',
      severity: 'warning',
      side: 'agent',
      expected: 'A Notify is retried until its NotifyResp came.',
      check: ({ request, retry }) =>
        request.answer !== undefined && retry > 0 && (request.sent.at(-1)?.time ?? 0) > request.answer.time
          ? {
              seen: `it was answered at packet ${request.answer.no}`,
              related: [request.no, request.answer.no],
            }
          : undefined,
    },
  ]),
  ...rulesOn('changed', 3, [
    {
      id: 'notify-late',
      title: 'Notify came late',
      requirements: ['R-NOT.0a'],
      level: 'should',
      severity: 'note',
      side: 'agent',
      expected:
        'A Notify begins within 10 seconds of the change. An OB-USP-A looks for changes every 15 seconds.',
      check: ({ path, set, seconds: waited }) =>
        waited > 10 + TOLERANCE
          ? {
              seen: `the ValueChange of ${show(path)} came ${seconds(waited)} after its Set`,
              related: [set.no],
            }
          : undefined,
    },
  ]),
  ...rulesOn('silence', 3, [
    {
      id: 'keep-alive',
      title: 'Silent for longer than the keep-alive',
      requirements: ['R-MQTT.14'],
      level: 'must',
      severity: 'error',
      side: 'endpoint',
      expected:
        'A client sends a packet, PINGREQ if nothing else, within the keep-alive of CONNECT or CONNACK.',
      check: ({ seconds: silent, keepAlive }) =>
        `nothing came for ${seconds(silent)}; the keep-alive is ${keepAlive} s`,
    },
  ]),
]
