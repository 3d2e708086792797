/** What the bench did with a packet and why, as sentences. */
import type { PacketNote } from '../../../shared/contract/model.ts'
import { hexByte } from '../../ui/hex.ts'
import { Icon, type IconName } from '../../ui/kit.tsx'

const icons: Readonly<Record<PacketNote['kind'], IconName>> = {
  none: 'note',
  changed: 'note',
  dropped: 'warning',
  refused: 'error',
}
const words: Readonly<Record<PacketNote['kind'], string>> = {
  none: '',
  changed: 'Changed: ',
  dropped: 'Dropped: ',
  refused: 'Refused: ',
}

export function Notes({ notes }: { notes: readonly PacketNote[] }) {
  if (notes.length === 0) return null
  return (
    <ul className="remarks" aria-label="What the bench did">
      {notes.map((note, index) => (
        <li key={index} className={`remark is-${note.kind}`}>
          <Icon name={icons[note.kind]} />
          <span>
            {words[note.kind] && <b>{words[note.kind]}</b>}
            {note.text}
            <span className="dim">
              {' '}
              (rule {note.rule}
              {note.reasonCode !== undefined && `, reason code 0x${hexByte(note.reasonCode)}`})
            </span>
          </span>
        </li>
      ))}
    </ul>
  )
}
