/** One run of a flow with a real clock, real packets and a real device. */
import type { DeviceDetail, PacketDetail } from '../../../shared/contract/model.ts'
import type { FlowHolds, FlowQuestion } from '../../../shared/contract/flows.ts'
import { attachmentName, endingOf, type Attachment } from '../../../shared/flow/attachments.ts'
import type { Flow, Step } from '../../../shared/flow/model.ts'
import { innerSteps, PHASES } from '../../../shared/flow/model.ts'
import type { AttachedContent, Command, RunEvent, RunOptions } from '../../../shared/flow/run/events.ts'
import { FlowRun } from '../../../shared/flow/run/flow-run.ts'
import type { Phases } from '../../../shared/flow/run/outline.ts'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import type { Outlet } from '../usp/outlet.ts'
import type { Attachments } from './attachments.ts'
import type { Acts } from './acts.ts'
import type { Heard, Traffic } from './traffic.ts'

/** Longest that a timer of Node takes. */
const MAX_TIMER = 2 ** 31 - 1
/** In which a message that the broker took reaches a device, for its packet to be known. */
const HAND_OVER_MS = 500
const nowMs = (): number => performance.timeOrigin + performance.now()

export interface GivenFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface PlayOptions {
  readonly flow: Flow
  readonly run: Omit<RunOptions, 'controller'>
  readonly traffic: Traffic
  readonly outlet: Outlet
  readonly acts: Acts
  /** Row in which a Msg was handed to a device. */
  readonly packetOf: (endpointId: string, msgId: string) => number | undefined
  readonly holds?: FlowHolds
  readonly paused?: boolean
  readonly attachments: Attachments
  /** Of the live capture. Rejects for one that is not there any more. */
  readonly packet: (no: number) => Promise<PacketDetail>
  readonly factsOf: (endpointId: string) => DeviceDetail | undefined
  readonly onChange: () => void
}

export class Play {
  readonly #options: PlayOptions
  readonly #run: FlowRun
  readonly #looksFurther: boolean
  #hearsAll: boolean
  readonly #questions = new Map<number, FlowQuestion>()
  /** Resolves when the run has ended and what it did to the bench is undone. Never rejects. */
  readonly done: Promise<FlowResult>
  #resolve: (result: FlowResult) => void = () => undefined
  #step = ''
  #failed = false
  #timer: NodeJS.Timeout | undefined
  #unlisten: () => void = () => undefined
  #ended = false
  #undone: readonly string[] = []

  constructor(options: PlayOptions) {
    this.#options = options
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    const { flow, run, holds = {} } = options
    this.#run = new FlowRun(flow, { ...run, controller: controllerUser })
    this.#looksFurther = hearsOthers(flow) || callsOthers(flow, run.flows)
    this.#hearsAll = this.#looksFurther
    this.setHolds(holds)
    if (options.paused === true) this.#run.pause()
  }

  get paused(): boolean {
    return this.#run.paused
  }

  get startedAt(): number {
    return this.#run.startedAt
  }

  /** The step that it holds before. */
  get step(): string {
    return this.#step
  }

  /** It stands there now: before its step, or behind it. */
  get held(): 'before' | 'failed' | undefined {
    if (!this.#run.held) return undefined
    return this.#failed ? 'failed' : 'before'
  }

  get heldBy(): number | undefined {
    return this.#run.heldBy
  }

  /** The steps as they are now, unmasked. */
  get phases(): Phases {
    return this.#run.phases
  }

  mask<T>(value: T): T {
    return this.#run.mask(value)
  }

  get questions(): readonly FlowQuestion[] {
    return [...this.#questions.values()]
  }

  /** The result without its steps. */
  head(): FlowResult {
    return this.#run.head()
  }

  result(): FlowResult {
    const result = this.#run.result()
    if (this.#undone.length === 0) return result
    const said = [result.note, 'The bench is not as it was:', ...this.#undone].filter(Boolean).join(' ')
    return { ...result, status: result.status === 'passed' ? 'failed' : result.status, note: said }
  }

  start(): void {
    this.#unlisten = this.#options.traffic.listen((heard) => this.#hear(heard))
    this.#go((now) => this.#run.start(now))
  }

  /** Whether the device can be reached changed. */
  deviceChanged(device: string, online: boolean): void {
    this.#feed({ kind: 'device', device, online })
  }

  /** Answers why not, in words: the question then stays. */
  async answer(token: number, choice: string, file?: GivenFile): Promise<string | undefined> {
    const question = this.#questions.get(token)
    if (!question) return NOT_ASKED
    let attachment: Attachment | undefined
    if (file) {
      if (question.file === undefined) return 'This question takes no file.'
      const kept = await this.#options.attachments.add(givenName(question.file, file.name), file.bytes)
      if (typeof kept === 'string') return `The file is not kept: ${kept}.`
      attachment = kept
    }
    if (!this.#questions.delete(token)) return NOT_ASKED
    this.#feed({ kind: 'chosen', token, choice, ...(attachment && { attachment }) })
    return undefined
  }

  pause(): void {
    this.#run.pause()
    this.#go((now) => this.#run.tick(now))
  }
  continue(): void {
    this.#go((now) => this.#run.resume(now))
  }
  stepOnce(): void {
    this.#go((now) => this.#run.stepOnce(now))
  }
  /** What stands there now is done; `edited` in its place. */
  again(edited?: Step): void {
    this.#go((now) => this.#run.again(now, edited))
  }
  /** Throws a FlowFault for a text that is no filter. */
  setHolds({ breakpoints = [], filters = [], failures = false }: FlowHolds): void {
    this.#run.setBreakpoints(breakpoints, filters, failures)
    this.#hearsAll = this.#looksFurther || filters.length > 0
  }
  stop(): void {
    this.#go((now) => this.#run.stop(now))
  }

  #hear({ device, packet }: Heard): void {
    if (this.#hearsAll || device === this.#options.run.device) this.#feed({ kind: 'packet', packet })
  }

  #feed(event: RunEvent): void {
    this.#go((now) => this.#run.feed(event, now))
  }

  #go(act: (now: number) => readonly Command[]): void {
    if (this.#ended) return
    clearTimeout(this.#timer)
    const commands = act(nowMs())
    for (const command of commands) this.#perform(command)
    if (this.#ended) return
    const wait = this.#run.wakeAt - nowMs()
    clearTimeout(this.#timer)
    if (Number.isFinite(wait))
      // A millisecond more: timers come early by a part of one.
      this.#timer = setTimeout(() => this.#go((now) => this.#run.tick(now)), clamp(Math.ceil(wait)))
    this.#options.onChange()
  }

  #perform(command: Command): void {
    const { outlet, acts } = this.#options
    switch (command.do) {
      case 'send':
        return this.#carry(
          command.token,
          () => outlet.send(command),
          () => this.#options.packetOf(command.to, command.msgId),
        )
      case 'record':
        return this.#carry(command.token, () => outlet.record(command))
      case 'publish':
        return this.#carry(command.token, () => outlet.publish(command))
      case 'act':
        return this.#carry(command.token, () => acts.do(command.act, command.with).then(() => undefined))
      case 'ask': {
        const { token, text, choices, file } = command
        this.#questions.set(token, { token, text, choices, ...(file !== undefined && { file }) })
        return
      }
      case 'attach':
        void this.#attach(command)
        return
      case 'withdraw':
        this.#questions.delete(command.token)
        return
      case 'paused':
        this.#step = command.step
        this.#failed = command.failed === true
        return
      case 'finished':
        void this.#end()
    }
  }

  /** Does it and tells the run. */
  #carry(token: number, act: () => Promise<string | undefined>, packet?: () => number | undefined): void {
    const at = nowMs()
    const tell = (error?: string): void =>
      this.#feed({
        kind: 'done',
        token,
        at,
        ...(error === undefined ? numbered(packet?.()) : { error }),
      })
    const sent = async (): Promise<void> => {
      const error = await act()
      // The broker takes a message before it hands it to the device.
      if (error === undefined && packet && packet() === undefined) await this.#handedOver(packet)
      tell(error)
    }
    sent().catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)))
  }

  async #attach({ token, name, content }: Extract<Command, { do: 'attach' }>): Promise<void> {
    try {
      const kept = await this.#options.attachments.add(name, await this.#bytesOf(content))
      const done = typeof kept === 'string' ? { refused: kept } : { attachment: kept }
      this.#feed({ kind: 'done', token, ...done })
    } catch (error) {
      this.#feed({ kind: 'done', token, error: error instanceof Error ? error.message : String(error) })
    }
  }

  async #bytesOf(content: AttachedContent): Promise<Uint8Array> {
    if ('bytes' in content) return content.bytes
    if ('facts' in content) {
      const facts = this.#options.factsOf(content.facts)
      if (!facts) throw new Error(`no device ${content.facts} is known`)
      return Buffer.from(`${JSON.stringify(facts, undefined, 2)}\n`)
    }
    const frames: Uint8Array[] = []
    for (const no of content.packets) {
      const { row, bytes } = await this.#options.packet(no)
      if (HOLD_SECRETS.includes(row.type))
        throw new Error(`packet ${no} is a ${row.type}, which may hold a password`)
      frames.push(bytes)
    }
    return Buffer.concat(frames)
  }

  /** Resolves when the packet is there, or not to be expected any more. */
  #handedOver(packet: () => number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        unlisten()
        resolve()
      }
      const timer = setTimeout(end, HAND_OVER_MS)
      const unlisten = this.#options.traffic.listen(() => {
        if (packet() !== undefined) end()
      })
    })
  }

  async #end(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#unlisten()
    this.#undone = await this.#options.acts.undo()
    this.#resolve(this.result())
  }
}

const HOLD_SECRETS: readonly string[] = ['CONNECT', 'AUTH']
const NOT_ASKED = 'That question needs no answer any more.'

/** The name that the flow gives it, with the ending that it has. */
function givenName(wanted: string, own: string): string {
  const ending = endingOf(own)
  return attachmentName(endingOf(wanted) !== '' || ending === '' ? wanted : `${wanted}.${ending}`)
}

const numbered = (no: number | undefined) => (no === undefined ? {} : { packets: [no] })
const clamp = (ms: number): number => Math.min(Math.max(ms, 0), MAX_TIMER)

/** Only a flow that looks at packets or speaks of other devices needs to hear more than its own device. */
const hearsOthers = (flow: Flow): boolean => PHASES.some((phase) => (flow[phase] ?? []).some(looksFurther))

function looksFurther(step: Step): boolean {
  if (('from' in step && step.from !== undefined) || ('to' in step && step.to !== undefined)) return true
  if (step.kind === 'expect' && step.expect.packet !== undefined) return true
  if (step.kind === 'nothing' && step.nothing.packet !== undefined) return true
  return innerSteps(step).some(([, steps]) => steps.some(looksFurther))
}

/** What the called ones do is not followed: a flow that calls hears what any of them may want to. */
const callsOthers = (flow: Flow, flows: RunOptions['flows']): boolean =>
  calls(flow) && [...(flows?.values() ?? [])].some(hearsOthers)
const calls = (flow: Flow): boolean => PHASES.some((phase) => (flow[phase] ?? []).some(isCall))
const isCall = (step: Step): boolean =>
  step.kind === 'call' || innerSteps(step).some(([, steps]) => steps.some(isCall))
