/** The rows of a capture as the linter reads them: facts from the index, bytes from the log. */
import type { LintFrame } from '../../../shared/lint/linter.ts'
import { RowType, Way } from '../capture/columns.ts'
import { bytesOf, kindOf, type Parts } from '../capture/rows.ts'
import { segmentedMsg } from '../capture/session-fields.ts'

export interface LintRows {
  /** Number of the oldest row held, and the one that follows the newest row's. */
  readonly first: number
  readonly end: number
  /**
   * `undefined` for a row that is no packet. Its bytes are a view, to be used before the next call. Throws
   * RangeError, or the system's error, when the packet cannot be read.
   */
  packet(no: number): LintFrame | undefined
  /** A fault on purpose met the packet of row `no`. */
  isDisturbed(no: number): boolean
  /** The Msg whose last segment is in row `last`; `undefined` when not all of it is held. Throws as `packet` does. */
  segmentedMsg(last: number): Uint8Array | undefined
}

export function lintRows(parts: () => Parts): LintRows {
  return {
    get first() {
      return parts().columns.first
    },
    get end() {
      return parts().columns.end
    },
    packet(no) {
      const { columns, connections } = parts()
      const { chunk, from: i } = columns.run(no)
      const type = chunk.type[i] as number
      const kind = kindOf(type)
      if (kind === 'close' || kind === 'probe') return undefined
      return {
        no,
        time: chunk.time[i] as number,
        connection: connections.at(chunk.connection[i] as number).facts.id,
        direction: chunk.direction[i] === Way.in ? 'in' : 'out',
        malformed: type === RowType.malformed,
        bytes: bytesOf(parts(), no),
      }
    },
    isDisturbed(no) {
      const { columns, notes } = parts()
      return columns.get(no, 'verdict') !== 0 && notes.of(no).some(({ fault }) => fault !== undefined)
    },
    segmentedMsg: (last) => segmentedMsg(parts(), last),
  }
}
