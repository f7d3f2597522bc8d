/** Lines for people's terminals. Pure; a test holds each against the program. */

interface Named { namespace: string; name: string }

/** The archive of a backup as a file. */
export const downloading = (backup: Named) => `moorage backup download ${backup.name} -n ${backup.namespace}`;

/** A service that a store knows, restored into the store's space. */
export function adopting(store: Named, service: Named): string {
  const which = service.namespace === store.namespace ? service.name : `${service.namespace}/${service.name}`;
  return `moorage adopt ${store.name} ${which} -n ${store.namespace} --wait`;
}
