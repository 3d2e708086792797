/** The knock list: who was refused at the door, with what it presented, and one click to let it in. */
import { useState } from 'react'
import type { DenialInfo } from '../../../shared/contract/access.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, count, dateTime } from '../../ui/format.ts'
import { subjectName } from '../../../shared/acl/model.ts'
import { openDoctor } from '../doctor/actions.ts'
import { admitWarning, codeWords, knockAdvice, presentedWords } from './words.ts'
import './knocks.css'

export function Knocks({ knocks, wide = false }: { knocks: readonly DenialInfo[]; wide?: boolean }) {
  const now = useNow()
  return (
    <ul className={`knocks ${wide ? 'is-wide' : ''}`}>
      {knocks.map((knock) => (
        <Knock key={knock.id} knock={knock} now={now} wide={wide} />
      ))}
    </ul>
  )
}

function Knock({ knock, now, wide }: { knock: DenialInfo; now: number; wide: boolean }) {
  const { who, text, reasonCode, lastAt, count: times, admit } = knock
  const warning = admitWarning(knock)
  const advice = admit === undefined ? knockAdvice(knock) : undefined
  return (
    <li aria-label={subjectName(who)}>
      <span className="knock-who">
        <b className="cut" title={subjectName(who)}>
          {subjectName(who)}
        </b>
        {subjectName(who) !== who.address && <span className="dim mono cut">{who.address ?? ''}</span>}
      </span>
      {wide && <span className="dim knock-presented">{presentedWords(knock)}</span>}
      <span className="bad knock-why" title={`${text} (${codeWords(reasonCode)})`}>
        {text}
        {warning !== undefined && <span className="warn knock-advice">{warning}</span>}
        {wide && advice !== undefined && <span className="dim knock-advice">{advice}</span>}
      </span>
      <time className="dim number" title={`${dateTime(lastAt)}; ${count(times)} times`}>
        {times > 1 && `${count(times)} × `}
        {ago(lastAt, now)}
      </time>
      <span className="buttons">
        {admit !== undefined && <Admit knock={knock} />}
        {wide && <Forget id={knock.id} />}
        {(wide || admit === undefined) && <Why knock={knock} />}
      </span>
    </li>
  )
}

function Admit({ knock }: { knock: DenialInfo }) {
  const { access } = useModel()
  const [busy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    await access.admit(knock)
    setBusy(false)
  }
  return (
    <button
      type="button"
      className="button main"
      disabled={busy}
      title={`Admit: ${knock.admit}`}
      onClick={() => void run()}
    >
      Admit
    </button>
  )
}

/** The doctor knows more of it than the refusal says. */
function Why({ knock }: { knock: DenialInfo }) {
  const model = useModel()
  const { endpointId, address } = knock.who
  const subject = endpointId ? { endpointId } : address ? { address } : undefined
  if (!subject) return null
  return (
    <button
      type="button"
      className="button"
      title={`Examine it. ${knockAdvice(knock)}`}
      onClick={() => openDoctor(model, 'live', subject)}
    >
      Why?
    </button>
  )
}

export function Forget({ id }: { id: number }) {
  const { access } = useModel()
  return (
    <button type="button" className="button quiet" onClick={() => void access.forget(id)}>
      Forget
    </button>
  )
}
