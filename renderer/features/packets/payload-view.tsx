/** A payload as text, in the content view that fits it or the one that was chosen. */
import { json } from '@codemirror/lang-json'
import { contentViews } from '../../../shared/dissect/content/views.ts'
import { CodeEditor } from '../../ui/editor/code-editor.tsx'
import { viewLabel } from './payload-text.ts'

const jsonLanguage = json()
const plain: [] = []

/** `text` is that of `payloadText`. */
export function PayloadText({
  label,
  text,
  view,
}: {
  label: string
  text: string
  view: string | undefined
}) {
  return <CodeEditor label={label} value={text} language={view === 'json' ? jsonLanguage : plain} />
}

interface ChoiceProps {
  /** `undefined`: the best one. */
  readonly chosen: string | undefined
  /** The one that is shown. */
  readonly shown: string | undefined
  readonly onChoose: (view: string | undefined) => void
}

export function ContentViewChoice({ chosen, shown, onChoose }: ChoiceProps) {
  return (
    <select
      className="input"
      aria-label="Content view"
      value={chosen ?? ''}
      onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
    >
      <option value="">{chosen === undefined ? `best: ${viewLabel(shown)}` : 'the best one'}</option>
      {contentViews.map(({ id, label }) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </select>
  )
}
