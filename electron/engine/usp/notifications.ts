/** What devices said unasked: the newest, as rows of a view. */
import type { ViewSource } from '../../../shared/contract/contract.ts'
import type { NotificationRow } from '../../../shared/contract/usp.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Msg } from '../../../shared/usp/codec.ts'
import type { Notify } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { notificationOf, valuesText } from '../../../shared/usp/notification.ts'
import { msgToProtoJson } from '../../../shared/usp/request-json.ts'
import { pageOf } from '../view-window.ts'

const MAX_ROWS = 5000
/** Of the Msgs kept for `usp.notification`, as an estimate. */
const MAX_BYTES = 32 << 20
/** UTF-16 units of a row's text; the whole is in `values`. */
const MAX_TEXT = 500
const MAX_VALUES = 200

interface Kept {
  row: NotificationRow
  readonly msg: Msg
  readonly bytes: number
}

export interface Incoming {
  readonly endpointId: string
  readonly msg: Msg
  readonly notify: Notify
  /** Bytes of the Msg. */
  readonly bytes: number
  readonly retryOf?: number
  readonly operateMsgId?: string
  readonly packet?: number
}

export class Notifications {
  #kept: Kept[] = []
  #bytes = 0
  #last = 0
  readonly #views = new Set<() => void>()

  /** Since the start. */
  get total(): number {
    return this.#last
  }

  /** Answers its number; `undefined` for a Notify without a notification. */
  add({ endpointId, msg, notify, bytes, operateMsgId, packet }: Incoming): number | undefined {
    const facts = notificationOf(notify)
    if (!facts) return undefined
    const text = valuesText(facts.values)
    const no = ++this.#last
    const row: NotificationRow = {
      no,
      time: Date.now(),
      endpointId,
      kind: facts.kind,
      subscriptionId: notify.subscriptionId,
      msgId: msg.header?.msgId ?? '',
      path: facts.path,
      text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text,
      values: facts.values.slice(0, MAX_VALUES),
      answered: notify.sendResp,
      retries: 0,
      ...(operateMsgId === undefined ? {} : { operateMsgId }),
      ...(packet === undefined ? {} : { packet }),
    }
    this.#kept.push({ row, msg, bytes })
    this.#bytes += bytes
    while (this.#kept.length > MAX_ROWS || (this.#bytes > MAX_BYTES && this.#kept.length > 1)) {
      this.#bytes -= this.#kept.shift()?.bytes ?? 0
    }
    this.#changed()
    return no
  }

  /** It came again. */
  retried(no: number): void {
    const found = this.#kept.find(({ row }) => row.no === no)
    if (!found) return
    found.row = { ...found.row, retries: found.row.retries + 1 }
    this.#changed()
  }

  get(no: number) {
    const found = this.#kept.find(({ row }) => row.no === no)
    if (!found) throw new BenchFailure('not-found', `Notification ${no} is no longer kept.`)
    return { row: found.row, msg: msgToProtoJson(found.msg) }
  }

  clear(): void {
    this.#kept = []
    this.#bytes = 0
    this.#changed()
  }

  openView(
    { endpointId, text }: { readonly endpointId: string; readonly text: string },
    changed: () => void,
  ): ViewSource<NotificationRow> {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    let rows: readonly NotificationRow[] | undefined
    const dirty = (): void => {
      rows = undefined
      changed()
    }
    const current = (): readonly NotificationRow[] =>
      (rows ??= this.#kept.map(({ row }) => row).filter((row) => isMeant(row, endpointId, words)))
    this.#views.add(dirty)
    return {
      read: (window) => ({ ...pageOf(current(), window), all: this.#kept.length }),
      locate: (key) => current().findIndex(({ no }) => no === key),
      close: () => void this.#views.delete(dirty),
    }
  }

  #changed(): void {
    for (const changed of this.#views) changed()
  }
}

function isMeant(row: NotificationRow, endpointId: string, words: readonly string[]): boolean {
  if (endpointId !== '' && row.endpointId !== endpointId) return false
  if (words.length === 0) return true
  const all = `${row.endpointId} ${row.kind} ${row.subscriptionId} ${row.path} ${row.text}`.toLowerCase()
  return words.every((word) => all.includes(word))
}
