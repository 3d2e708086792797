/** Says before sending that a device is too old for the kind of message; it may be sent all the same. */
import { useStore } from 'zustand'
import { isOriginal, sinceOf, tooOldFor } from '../../../shared/usp/forms/version-check.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { useKnownDevices } from '../devices/use-devices.ts'

export function VersionRemark() {
  const { messages } = useModel()
  const kind = useStore(messages, (state) => state.draft.kind)
  const targets = useStore(messages, (state) => state.targets)
  const { devices } = useKnownDevices(isOriginal(kind) ? null : '')
  const old = devices.flatMap(({ endpointId, usp }) => {
    const version = usp && targets.includes(endpointId) ? tooOldFor(kind, usp) : undefined
    return version === undefined ? [] : [{ endpointId, version }]
  })
  const [first, ...more] = old
  if (!first) return null
  return (
    <p className="message-remark warn" role="status">
      {kind} came with USP {sinceOf(kind)}, but {first.endpointId} told {first.version} at most
      {more.length > 0 && `, and ${plural(more.length, 'other device')} too`}: expect an error or no answer.
    </p>
  )
}
