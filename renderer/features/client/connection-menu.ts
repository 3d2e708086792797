/** What else can be done with a connection. */
import type { ClientConnection, KeptProfile } from '../../../shared/contract/mqtt-client.ts'
import type { Model } from '../../app/model.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import { clearPackets, copyProfile, editProfile, moveProfile, saveCapture } from './actions.ts'
import { methodOf } from './profile-draft.ts'
import { isConnected } from './store.ts'

export function connectionMenu(
  model: Model,
  profile: KeptProfile,
  connection: ClientConnection | undefined,
): MenuItem[] {
  const connected = isConnected(connection)
  const challenged = connection?.authentication?.state === 'challenged'
  const all = model.client.getState().profiles ?? []
  const place = all.findIndex(({ id }) => id === profile.id)
  return [
    {
      title: 'Disconnect with…',
      disabled: !connected && 'It is not connected',
      run: () => model.show('client-disconnect'),
    },
    {
      title: 'Authenticate…',
      disabled: whyNoAuthentication(profile, connected || challenged),
      run: () => model.show('client-authenticate'),
    },
    { title: 'Edit', group: '', run: () => editProfile(model, profile) },
    { title: 'Copy this connection', run: () => copyProfile(model, profile) },
    {
      title: 'Move up',
      disabled: place <= 0 && 'It is the first one',
      run: () => void moveProfile(model, profile.id, -1),
    },
    {
      title: 'Move down',
      disabled: place >= all.length - 1 && 'It is the last one',
      run: () => void moveProfile(model, profile.id, 1),
    },
    {
      title: 'Save its packets as pcapng',
      group: '',
      run: () => void saveCapture(model, profile.id),
    },
    { title: 'Clear its packets and figures', run: () => clearPackets(model) },
  ]
}

function whyNoAuthentication(profile: KeptProfile, possible: boolean): string | false {
  if (profile.level < 5) return 'MQTT 3.1.1 has no enhanced authentication'
  if (methodOf(profile) === undefined) return 'CONNECT names no Authentication Method'
  return !possible && 'It is not connected'
}
