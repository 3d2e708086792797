/** Files kept with the result of a run: looked at and saved; and the file that a person gives when asked. */
import { useEffect, useId, useState } from 'react'
import { toBase64 } from '../../../shared/dissect/copy.ts'
import { isImage, MAX_ATTACHMENT, type Attachment } from '../../../shared/flow/attachments.ts'
import { deliver } from '../../app/deliver.ts'
import { useModel } from '../../app/model.ts'
import { size } from '../../ui/format.ts'

/** Bytes of an image that is shown as it stands there. */
const MAX_SHOWN = 2 << 20

interface Props {
  /** Of the run or the result. */
  readonly id: string
  readonly attachments: readonly Attachment[]
}

export function Attachments({ id, attachments }: Props) {
  const model = useModel()
  const save = async (file: string) => {
    const answer = await model.host.call('flows.exportAttachment', { id, file })
    const delivered = answer.ok ? await deliver(model.host, [answer.value.file]) : answer
    if (!delivered.ok) model.notices.getState().fail(delivered.error)
  }
  return (
    <ul className="flow-attachments" aria-label="Attachments">
      {attachments.map((one) => (
        <li key={one.file}>
          <span className="mono">{one.name}</span> <span className="dim number">{size(one.bytes)}</span>{' '}
          <button type="button" className="link" onClick={() => void save(one.file)}>
            Save
          </button>
          {isImage(one) && one.bytes <= MAX_SHOWN && <Picture id={id} attachment={one} />}
        </li>
      ))}
    </ul>
  )
}

function Picture({ id, attachment: { file, name, type } }: { id: string; attachment: Attachment }) {
  const { host } = useModel()
  const [source, setSource] = useState<string>()
  useEffect(() => {
    let isShown = true
    void host.call('flows.attachment', { id, file }).then((answer) => {
      if (isShown && answer.ok) setSource(`data:${type};base64,${toBase64(answer.value.bytes)}`)
    })
    return () => {
      isShown = false
    }
  }, [host, id, file, type])
  return source === undefined ? null : <img src={source} alt={name} />
}

export interface GivenFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** `wanted`: what the flow calls the file. */
export function FileField({
  wanted,
  onChange,
}: {
  wanted: string
  onChange: (file: GivenFile | undefined) => void
}) {
  const id = useId()
  const [fault, setFault] = useState('')
  const read = async (file: File | undefined) => {
    const isTooLarge = file !== undefined && file.size > MAX_ATTACHMENT
    setFault(
      isTooLarge ? `${file.name} has ${size(file.size)}; ${size(MAX_ATTACHMENT)} are kept at the most.` : '',
    )
    if (file === undefined || isTooLarge) return onChange(undefined)
    onChange({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })
  }
  return (
    <p className="flow-file">
      <label htmlFor={id}>File to keep with the result: {wanted}</label>{' '}
      <input id={id} type="file" onChange={({ target }) => void read(target.files?.[0])} />
      {fault && (
        <span className="bad" role="alert">
          {fault}
        </span>
      )}
    </p>
  )
}
