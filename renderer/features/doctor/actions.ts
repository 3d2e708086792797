/** Doing what the doctor advises at the bench. */
import type { BenchAction } from '../../../shared/doctor/model.ts'
import type { Model } from '../../app/model.ts'
import type { DoctorSubject } from '../../../shared/doctor/scene.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'

export const actionWords: Readonly<Record<BenchAction['do'], string>> = {
  admit: 'Admit',
  user: 'New password…',
  allow: 'Allow this',
  listener: 'Turn on',
  ask: 'Ask now',
}

/** Opens the doctor's sheet; without a subject it asks whom to examine. */
export function openDoctor(model: Model, capture: CaptureId = 'live', subject?: DoctorSubject): void {
  model.doctor.setState({ capture, subject })
  model.show('doctor')
}

export async function act(model: Model, action: BenchAction): Promise<void> {
  const { access, live, notices } = model
  const denials = live.getState().access?.denials ?? []
  const gone = (message: string) => notices.getState().fail({ code: 'not-found', message })
  switch (action.do) {
    case 'admit': {
      const knock = denials.findLast(
        ({ action: wanted, admit, who }) =>
          wanted === 'connect' &&
          admit !== undefined &&
          who.endpointId === action.endpointId &&
          (who.username ?? '') === action.username,
      )
      if (knock) return access.admit(knock)
      return gone('What it presented is no longer kept: let the device try again, then admit it.')
    }
    case 'user':
      access.setState({ username: action.username })
      return model.show('access-password')
    case 'allow': {
      const denial = denials.findLast(
        ({ action: wanted, topic }) => wanted === action.action && topic === action.topic,
      )
      if (!denial)
        return gone('This denial is no longer kept: let the device try again, or write the rule by hand.')
      access.allow(denial)
      return model.goTo('access')
    }
    case 'listener':
      await model.run('listeners.set', { transport: action.transport, enabled: true })
      return
    case 'ask':
      await model.run('usp.discover', { endpointId: action.endpointId })
  }
}
