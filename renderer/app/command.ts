/** What a command is, and what several of them need. */
import { copyText } from '../ui/clipboard.ts'
import type { Model } from './model.ts'

export interface Command {
  readonly id: string
  readonly group:
    | 'Go to'
    | 'List'
    | 'Packets'
    | 'Transactions'
    | 'Topics'
    | 'Sessions'
    | 'Captures'
    | 'Devices'
    | 'Data model'
    | 'Messages'
    | 'Flows'
    | 'MQTT client'
    | 'Faults'
    | 'Bench'
    | 'Access'
    | 'Look'
    | 'Help'
  readonly title: string
  /** Chords as `keys.ts` reads them; the first is the one shown. */
  readonly keys?: readonly string[]
  /** Left out of the palette: moving in a list by name helps nobody. */
  readonly keyOnly?: boolean
  readonly available?: (model: Model) => boolean
  readonly run: (model: Model) => void
}

/** Copies text and says so; a clipboard that refuses is an error with a way out. */
export async function copy(model: Model, what: string, text: string): Promise<void> {
  const { say, fail } = model.notices.getState()
  if (await copyText(text)) say(`Copied ${what}.`)
  else
    fail({
      code: 'failed',
      message: 'The clipboard refused the text. Select it in the view and copy it with Ctrl C.',
    })
}

/** Frames in which a view that one goes to for the first time is drawn. */
const FRAMES = 120

/** Puts the keyboard on the element with this id, once it is drawn. */
export function focus(id: string, frames = FRAMES): void {
  requestAnimationFrame(() => {
    const element = document.getElementById(id)
    if (element) element.focus()
    else if (frames > 0) focus(id, frames - 1)
  })
}
