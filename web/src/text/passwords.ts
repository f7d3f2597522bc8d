/** Which passwords a service can have that comes back as a new one. Pure. */

interface Store { kind: string; isEncrypted: boolean }
export type NoOldPasswords = "unknown" | "folder" | "unencrypted" | "moment";

/** Why the users app and admin get new passwords; undefined: they may have those of the backup. `store`: that of the backup; undefined for a moment. */
export function whyNew(store: Store | undefined | null, isMoment = false): NoOldPasswords | undefined {
  if (isMoment) return "moment";
  if (!store) return "unknown";
  if (store.kind !== "S3") return "folder";
  return store.isEncrypted ? undefined : "unencrypted";
}
