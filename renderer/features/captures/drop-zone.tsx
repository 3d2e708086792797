/** A capture file dropped anywhere in the window is imported. */
import { useEffect, useState } from 'react'
import { useModel, type Model } from '../../app/model.ts'
import { noImport } from './store.ts'

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true
const isKeyLog = (name: string): boolean => /\.(log|txt|keys|keylog)$/i.test(name)

export function DropZone() {
  const model = useModel()
  const [over, setOver] = useState(false)
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    // Left the window, not only one of its elements.
    const onLeave = (event: DragEvent) => event.relatedTarget === null && setOver(false)
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(false)
      takeDropped(model, [...(event.dataTransfer?.files ?? [])])
    }
    window.addEventListener('dragover', onOver)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [model])
  return over ? (
    <div className="drop-zone">
      <p>Drop a pcap or pcapng file to import it, with a TLS key log if it needs one</p>
    </div>
  ) : null
}

/** One capture, and a key log if one came with it. */
export function takeDropped(model: Model, files: readonly File[]): void {
  const { fail } = model.notices.getState()
  const logs = files.filter(({ name }) => isKeyLog(name))
  const captures = files.filter(({ name }) => !isKeyLog(name))
  if (captures.length > 1 || logs.length > 1)
    return fail({
      code: 'invalid-request',
      message: 'Drop one capture at a time, and at most one key log with it.',
    })
  const wish = (file: File | undefined) => file && { name: file.name, file }
  const old = model.captures.getState().importing
  model.captures.setState({
    importing: {
      file: wish(captures[0]) ?? old.file ?? noImport.file,
      keyLog: wish(logs[0]) ?? old.keyLog ?? noImport.keyLog,
    },
  })
  model.show('import')
}
