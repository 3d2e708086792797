/** Rows as pcapng, in the form of the bench's own files: Wireshark reads it, and the bench reads it back. */
import { aliasLesson } from '../../../../shared/pcapng/lessons.ts'
import { SyntheticWriter } from '../../../../shared/pcapng/synthetic.ts'
import type { Archive } from '../archive.ts'
import { instantAt } from '../clock.ts'
import { RowType, Way } from '../columns.ts'
import { type Connection, identityLesson } from '../connections.ts'
import { emptyHead, scanPublish } from '../publish-head.ts'
import { bytesOf } from '../rows.ts'
import type { Encoder } from './encoder.ts'
import { redactPacket } from './redact.ts'

const CONNECT = 1
const PUBLISH = 3

export class PcapngEncoder implements Encoder {
  readonly #archive: Archive
  readonly #secrets: boolean
  readonly #writer = new SyntheticWriter({ section: { application: 'Oktobench' } })
  /** Topics by connection, direction and alias, as far as the file tells them. */
  readonly #aliases = new Map<number, Map<string, string>>()
  readonly #head = emptyHead()

  /** Without `secrets`, passwords and Authentication Data are starred. */
  constructor(archive: Archive, secrets: boolean) {
    this.#archive = archive
    this.#secrets = secrets
  }

  add(no: number): void {
    const { parts } = this.#archive
    const { chunk, from } = parts.columns.run(no)
    const connection = parts.connections.at(chunk.connection[from] as number)
    const { id } = connection.facts
    const time = instantAt(parts.epoch, chunk.time[from] as number)
    const type = chunk.type[from] as number
    const direction = chunk.direction[from] === Way.in ? 'in' : 'out'
    const marked = chunk.marked[from] === 1
    const isNew = !this.#aliases.has(id)
    if (isNew) this.#begin(connection, time, type === CONNECT && direction === 'in')
    if (type === RowType.close || type === RowType.probe) {
      const end = connection.end ?? { by: 'network', reason: '', probe: type === RowType.probe }
      this.#writer.closed(no, time, id, end, marked)
      this.#aliases.delete(id)
      return
    }
    const malformed = type === RowType.malformed
    const bytes = bytesOf(parts, no)
    if (type === PUBLISH) {
      const topic = parts.dictionaries.topics.text(chunk.topic[from] as number)
      const lesson = this.#alias(connection, direction, bytes, topic)
      if (lesson !== undefined) this.#writer.frame(0, time, id, direction, lesson)
    }
    const notes = parts.notes.of(no)
    const shown = this.#secrets ? bytes : redactPacket(bytes, connection.level)
    this.#writer.frame(no, time, id, direction, shown, { malformed, notes, marked })
  }

  take(): Uint8Array {
    return this.#writer.take()
  }

  #begin({ facts, level }: Connection, time: { sec: number; nsec: number }, isConnect: boolean): void {
    const { id, clientId = '', endpointId = '' } = facts
    this.#aliases.set(id, new Map())
    this.#writer.opened(time, id, facts)
    if (clientId !== '' || endpointId !== '') this.#writer.identified(id, { clientId, endpointId })
    // Its CONNECT is not among the rows, or not here yet: the reader learns who it is all the same.
    if (isConnect || facts.version === undefined) return
    for (const { direction, bytes } of identityLesson(level, facts)) {
      this.#writer.frame(0, time, id, direction, bytes)
    }
  }

  /** The packet that teaches the alias of a PUBLISH without a topic, where the file does not tell it yet. */
  #alias(
    { facts, level }: Connection,
    direction: 'in' | 'out',
    bytes: Uint8Array,
    topic: string,
  ): Uint8Array | undefined {
    const head = this.#head
    if (!scanPublish(bytes, 0, bytes.length, level, head) || head.alias === 0 || topic === '')
      return undefined
    const known = this.#aliases.get(facts.id)
    const key = `${direction}${head.alias}`
    const told = known?.get(key) === topic
    known?.set(key, topic)
    if (told || head.topicEnd > head.topicStart) return undefined
    return aliasLesson(direction, head.alias, topic).bytes
  }
}
