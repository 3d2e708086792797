/** A clock and a device for runs of flows: what the run wants done is done, in a time that no one waits for. */
import type { JsonMap } from '../../../shared/flow/json.ts'
import { makeMsgJson } from '../../../shared/flow/messages.ts'
import { describeProblem, parseFlow } from '../../../shared/flow/format/parse.ts'
import type { Flow } from '../../../shared/flow/model.ts'
import type {
  Command,
  RunEvent,
  RunOptions,
  SeenPacket,
  SendCommand,
} from '../../../shared/flow/run/events.ts'
import { FlowRun } from '../../../shared/flow/run/flow-run.ts'
import { everyStep, type FlowResult } from '../../../shared/flow/run/result.ts'

export const DEVICE = 'os::00256D-TEST'
export const CONTROLLER = 'self::controller'

/** What a device does with a request: bodies of its answers, or packets, each after so many ms. */
export type Device = (send: SendCommand) => readonly {
  readonly after?: number
  readonly body?: JsonMap
  readonly msgId?: string
  readonly packet?: Partial<SeenPacket>
}[]

export interface Play {
  readonly run: FlowRun
  readonly commands: Command[]
  readonly sent: SendCommand[]
  now: number
  /** Something that happens at that time. */
  later(after: number, event: RunEvent): void
  packet(after: number, packet: Partial<SeenPacket>): void
  perform(commands: readonly Command[]): void
  /** Goes on until the run ends, holds, or waits for what will not come. */
  go(): FlowResult
}

export function flowOf(text: string): Flow {
  const { flow, problems } = parseFlow(text)
  if (!flow) throw new Error(problems.map(describeProblem).join('\n'))
  return flow
}

/** A flow of these steps in YAML. */
export const stepsOf = (steps: string, head = ''): Flow =>
  flowOf(`flow: 1\nname: test\n${head}steps:\n${steps.replace(/^\n/, '').replace(/^/gm, '  ')}`)

export function play(flow: Flow, device: Device = () => [], options: Partial<RunOptions> = {}): Play {
  const run = new FlowRun(flow, { device: DEVICE, controller: CONTROLLER, runId: 'r1', ...options })
  const queue: { at: number; event: RunEvent }[] = []
  let packets = 0
  const self: Play = {
    run,
    commands: [],
    sent: [],
    now: 1_000_000,
    later(after, event) {
      const at = self.now + after
      const place = queue.findIndex((one) => one.at > at)
      queue.splice(place < 0 ? queue.length : place, 0, { at, event })
    },
    packet(after, packet) {
      packets += 1
      const full: SeenPacket = {
        no: packets,
        time: self.now + after,
        from: options.device ?? DEVICE,
        ...packet,
      }
      self.later(after, { kind: 'packet', packet: full })
    },
    perform(commands) {
      for (const command of commands) {
        self.commands.push(command)
        if (!('token' in command) || command.do === 'ask' || command.do === 'withdraw') continue
        packets += 1
        self.later(0, { kind: 'done', token: command.token, at: self.now, packets: [packets] })
        if (command.do !== 'send') continue
        self.sent.push(command)
        for (const { after = 10, body, msgId = command.msgId, packet } of device(command)) {
          self.packet(after, { ...packet, ...(body && { msg: makeMsgJson(body, msgId) }) })
        }
      }
    },
    go() {
      for (let turns = 0; turns < 100_000 && !run.finished; turns++) {
        const next = queue[0]
        if (next && next.at <= run.wakeAt) {
          queue.shift()
          self.now = Math.max(self.now, next.at)
          self.perform(run.feed(next.event, self.now))
        } else if (Number.isFinite(run.wakeAt)) {
          self.now = Math.max(self.now, run.wakeAt)
          self.perform(run.tick(self.now))
        } else break
      }
      return run.result()
    },
  }
  self.perform(run.start(self.now))
  return self
}

/** `steps.0 passed`, or with the note of what is not passed. */
export const outline = (result: FlowResult): string[] =>
  [...everyStep([...result.setup, ...result.steps, ...result.cleanup])].map(
    ([{ path, status, note }, depth]) =>
      `${'  '.repeat(depth)}${path} ${status}${status === 'passed' || note === undefined ? '' : `: ${note}`}`,
  )
