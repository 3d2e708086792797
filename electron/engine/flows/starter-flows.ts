/** The starter set as it is built in, by file name: the files of resources/flows. */
import addSetDelete from '../../../resources/flows/add-set-delete.yaml?raw'
import bringUp from '../../../resources/flows/bring-up.yaml?raw'
import operate from '../../../resources/flows/operate.yaml?raw'
import reboot from '../../../resources/flows/reboot.yaml?raw'
import searchPaths from '../../../resources/flows/search-paths.yaml?raw'
import subscriptions from '../../../resources/flows/subscriptions.yaml?raw'

export const starterFlows: Readonly<Record<string, string>> = {
  'add-set-delete.yaml': addSetDelete,
  'bring-up.yaml': bringUp,
  'operate.yaml': operate,
  'reboot.yaml': reboot,
  'search-paths.yaml': searchPaths,
  'subscriptions.yaml': subscriptions,
}
