/**
 * OnBoardRequest: sent by command and at a start, and again while the controller has not completed its on-boarding
 * (R-NOT.5; TR-181, OnBoardingComplete and OnBoardingRestartTime).
 */
import { controllerAt, controllers, type Controller } from './controllers.ts'
import type { DataModel } from './data-model.ts'
import type { Quirks } from './misbehaviours.ts'
import type { World } from './world.ts'

/** How long one waits that sends it for ever. */
const RESTLESS_MS = 1000

export class OnBoarding {
  readonly #model: DataModel
  readonly #world: World
  readonly #quirks: Quirks
  readonly #send: (controller: Controller) => string | undefined
  /** Path of the controller's row by msg_id, until NotifyResp comes. */
  readonly #asked = new Map<string, string>()
  readonly #timers = new Map<string, () => void>()

  /** `send` answers the msg_id of the Notify, or nothing when it was not sent. */
  constructor(
    model: DataModel,
    world: World,
    quirks: Quirks,
    send: (controller: Controller) => string | undefined,
  ) {
    this.#model = model
    this.#world = world
    this.#quirks = quirks
    this.#send = send
  }

  /** By the path of its row; nothing happens for one that is not there or switched off. */
  request(path: string): void {
    const controller = controllerAt(this.#model, path)
    if (!controller) return
    this.#timers.get(path)?.()
    this.#timers.delete(path)
    this.#model.put(controller.place, 'OnBoardingComplete', String(this.#quirks.claimsOnBoarding === true))
    const msgId = this.#send(controller)
    if (msgId !== undefined) this.#asked.set(msgId, path)
  }

  /** The device started. */
  booted(): void {
    for (const { place } of controllers(this.#model)) if (this.#isOpen(place.path)) this.request(place.path)
  }

  /** NotifyResp came: the time until the next one begins. */
  answered(msgId: string): void {
    const path = this.#asked.get(msgId)
    if (path === undefined) return
    this.#asked.delete(msgId)
    const ms = this.#waitOf(path)
    if (ms > 0)
      this.#timers.set(
        path,
        this.#world.after(ms, () => this.#again(path)),
      )
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#asked.clear()
  }

  #again(path: string): void {
    this.#timers.delete(path)
    if (this.#quirks.onBoardsAgain === 'always' || this.#isOpen(path)) this.request(path)
  }

  /** 0: not at all. */
  #waitOf(path: string): number {
    const { onBoardsAgain } = this.#quirks
    if (onBoardsAgain === 'never') return 0
    if (onBoardsAgain === 'always') return RESTLESS_MS
    const place = controllerAt(this.#model, path)?.place
    return place ? Number(this.#model.text(place, 'OnBoardingRestartTime')) * 1000 : 0
  }

  /** A model without the parameter has no on-boarding to complete. */
  #isOpen(path: string): boolean {
    const place = controllerAt(this.#model, path)?.place
    return place !== undefined && this.#model.text(place, 'OnBoardingComplete') === 'false'
  }
}
