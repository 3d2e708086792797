/**
 * The part of the contract about messages that people keep: files below `messages/` of the workspace, and what was
 * sent. Sending itself is `usp.request`.
 */
import * as v from 'valibot'
import { requestKinds, type RequestKind } from '../usp/kinds.ts'
import { command } from './command.ts'
import { MAX_MESSAGE_TEXT } from './usp.ts'

/** A saved message as a list shows it. */
export interface SavedMessageRow {
  /** Below `messages/`, with `/` on every system: `wifi/scan.json`. */
  readonly path: string
  /** Absent while its text is no request. */
  readonly kind?: RequestKind
  readonly note: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Why the file cannot be read. */
  readonly fault?: string
}

export interface SavedMessages {
  /** By path. */
  readonly messages: readonly SavedMessageRow[]
  /** Files in the folder, whether they match or not. */
  readonly all: number
  /** Files that are not looked at, because there are too many. */
  readonly left: number
}

export interface SavedMessage {
  readonly path: string
  /** The request as it was written. */
  readonly text: string
  readonly note: string
  /** Values of its variables by name. */
  readonly variables: Readonly<Record<string, string>>
  /** Changes with the file, so that a change by somebody else is noticed. */
  readonly stamp: string
}

/** Something that was sent, kept with its text. */
export interface SentMessage {
  /** From 1, the newest has the highest. */
  readonly no: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly kind: RequestKind
  readonly text: string
  readonly variables: Readonly<Record<string, string>>
  /** The first ones; `devices` counts all. */
  readonly endpointIds: readonly string[]
  readonly devices: number
  /** Devices that answered, an error included. */
  readonly answered: number
  /** Devices that answered with an error, or in part. */
  readonly failed: number
}

export const MAX_SAVED_PATH = 400
export const MAX_SAVED_TEXT = 500_000
export const MAX_SENT = 200

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const path = v.pipe(text(MAX_SAVED_PATH), v.minLength(1))
const variables = v.pipe(
  v.record(text(64), text(10_000)),
  v.check((all) => Object.keys(all).length <= 50, 'More than 50 variables'),
)
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const savedMessageCommands = {
  /** `text`: words that must occur in path, note or message; empty: all. */
  'messages.list': command<SavedMessages>()(v.strictObject({ text: text(1000) })),
  'messages.read': command<SavedMessage>()(v.strictObject({ path })),
  /**
   * Writes a file whole or not at all. Without `over` it must not exist; with it, it must be as it was when that
   * stamp was given (`conflict` otherwise).
   */
  'messages.save': command<SavedMessage>()(
    v.strictObject({
      path,
      text: text(MAX_SAVED_TEXT),
      note: text(20_000),
      variables,
      over: v.optional(text(100)),
    }),
  ),
  'messages.rename': command<void>()(v.strictObject({ from: path, to: path })),
  /** Moves it to the trash of the workspace. */
  'messages.delete': command<void>()(v.strictObject({ path })),
  /**
   * Saves what a file holds: a message, this bench's own file, or what Oktopus keeps, one or several. A name that
   * is taken gets a number. Answers their paths.
   */
  'messages.import': command<readonly string[]>()(
    v.strictObject({ folder: text(MAX_SAVED_PATH), name: text(200), text: text(MAX_MESSAGE_TEXT) }),
  ),
  /** What was sent, newest first. */
  'messages.history': command<readonly SentMessage[]>()(v.undefined()),
  'messages.remember': command<void>()(
    v.strictObject({
      kind: v.picklist(requestKinds),
      text: text(MAX_MESSAGE_TEXT),
      variables,
      endpointIds: v.pipe(v.array(text(1024)), v.maxLength(20)),
      devices: count,
      answered: count,
      failed: count,
    }),
  ),
  'messages.clearHistory': command<void>()(v.undefined()),
} as const
