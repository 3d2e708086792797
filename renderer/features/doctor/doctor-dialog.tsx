/** The doctor's sheet: whom to examine, and what was found. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { MAX_DOCTOR_SUBJECTS, type DoctorSubjectInfo } from '../../../shared/contract/doctor.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { Result } from '../../../shared/contract/result.ts'
import type { DoctorSubject } from '../../../shared/doctor/scene.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { State } from '../../ui/kit.tsx'
import { Findings } from './steps.tsx'
import { subjectText } from './store.ts'
import { useExamination } from './use-examination.ts'

export function DoctorDialog() {
  const { doctor, live } = useModel()
  const { capture, subject } = useStore(doctor)
  const name = useStore(live, (state) => state.captures?.find(({ id }) => id === capture)?.name)
  const where = capture === 'live' ? 'live' : (name ?? 'stored capture')
  return (
    <Dialog title={`Doctor · ${subject ? subjectText(subject) : 'whom to examine?'} · ${where}`} wide>
      {subject ? (
        <>
          <Examined capture={capture} subject={subject} />
          <button
            type="button"
            className="link doctor-another"
            onClick={() => doctor.setState({ subject: undefined })}
          >
            Examine another
          </button>
        </>
      ) : (
        <Subjects capture={capture} />
      )}
    </Dialog>
  )
}

function Examined({ capture, subject }: { capture: CaptureId; subject: DoctorSubject }) {
  const result = useExamination(capture, subject)
  if (!result) return <p className="dim">Looking…</p>
  if (!result.ok) return <p className="bad">{result.error.message}</p>
  return <Findings examination={result.value} capture={capture} />
}

function Subjects({ capture }: { capture: CaptureId }) {
  const { host, doctor } = useModel()
  const [found, setFound] = useState<Result<readonly DoctorSubjectInfo[]>>()
  const [text, setText] = useState('')
  useEffect(() => {
    let wanted = true
    void host.call('doctor.subjects', { capture }).then((answer) => wanted && setFound(answer))
    return () => {
      wanted = false
    }
  }, [host, capture])
  const all = found?.ok ? found.value : []
  const words = text.trim().toLowerCase()
  const shown = all.filter(({ endpointId, address }) =>
    `${endpointId} ${address}`.toLowerCase().includes(words),
  )
  return (
    <>
      <input
        className="input"
        aria-label="Endpoint ID or address"
        placeholder="Endpoint ID or address"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {found && !found.ok && <p className="bad">{found.error.message}</p>}
      {found?.ok && shown.length === 0 && (
        <p className="dim">
          {all.length === 0
            ? 'Nobody has connected in this capture.'
            : `None of ${plural(all.length, 'device')} has: ${text}`}
        </p>
      )}
      <ul className="doctor-subjects">
        {shown.map((info) => (
          <li key={`${info.endpointId} ${info.address}`}>
            <button
              type="button"
              className="link cut"
              onClick={() =>
                doctor.setState({
                  subject: info.endpointId ? { endpointId: info.endpointId } : { address: info.address },
                })
              }
            >
              {info.endpointId || info.address}
            </button>
            <span className="dim cut">{info.endpointId ? info.address : 'never said who it is'}</span>
            <span className="dim number">{plural(info.connections, 'connection')}</span>
            <State tone={info.open ? 'ok' : 'off'}>{info.open ? 'connected' : 'gone'}</State>
          </li>
        ))}
      </ul>
      {all.length === MAX_DOCTOR_SUBJECTS && (
        <p className="dim">Only the newest {MAX_DOCTOR_SUBJECTS} are listed.</p>
      )}
    </>
  )
}
