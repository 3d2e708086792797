/** How a finding is mended on an OB-USP-A: words, and a command to copy. */
import { remedyCommand, type Remedy } from '../../../shared/lint/rule.ts'
import { CopyButton } from '../../ui/kit.tsx'
import './remedy.css'

export function RemedyLines({ remedy, endpoint }: { remedy: Remedy; endpoint: string }) {
  const command = remedy.command && remedyCommand(remedy.command, endpoint)
  return (
    <span className="remedy">
      {remedy.text}
      {command && (
        <span className="remedy-command">
          <code>{command}</code>
          <CopyButton text={command} label="Copy the command" />
        </span>
      )}
    </span>
  )
}
