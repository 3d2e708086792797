/** An examination that follows what happens: asked anew each second while the capture is live. */
import { useEffect, useRef, useState } from 'react'
import type { Request } from '../../../shared/contract/contract.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { Result } from '../../../shared/contract/result.ts'
import type { Examination } from '../../../shared/doctor/model.ts'
import type { DoctorSubject } from '../../../shared/doctor/scene.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'

const SECOND = 1000

/** Undefined until the first answer; one question is under way at a time. */
export function useExamination(
  capture: CaptureId,
  subject: DoctorSubject | undefined,
): Result<Examination> | undefined {
  const { host } = useModel()
  const now = useNow()
  const [told, setTold] = useState<{ readonly of: string; readonly result: Result<Examination> }>()
  const asking = useRef('')
  const of = JSON.stringify({ capture, subject })
  const tick = capture === 'live' ? Math.floor(now / SECOND) : 0
  useEffect(() => {
    // Read back from the text: the subject itself may be made anew with each render.
    const request = JSON.parse(of) as Partial<Request<'doctor.examine'>>
    if (request.subject === undefined || asking.current === of) return
    asking.current = of
    void host.call('doctor.examine', request as Request<'doctor.examine'>).then((result) => {
      if (asking.current !== of) return
      asking.current = ''
      setTold({ of, result })
    })
  }, [host, of, tick])
  return told?.of === of ? told.result : undefined
}
