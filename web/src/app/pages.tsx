/** What the navigation leads to, once for the menu, the routes and the keys. */

import {
  AlertOutlined, AppstoreOutlined, ClusterOutlined, DashboardOutlined, DatabaseOutlined, GroupOutlined, SettingOutlined, TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

export interface Page {
  path: string;
  text: "overview" | "market" | "services" | "alerts" | "hosts" | "spaces" | "accounts" | "settings";
  /** After "g". */
  key: string;
  icon: ReactNode;
}

export const PAGES: Page[] = [
  { path: "/", text: "overview", key: "o", icon: <DashboardOutlined aria-hidden /> },
  { path: "/market", text: "market", key: "m", icon: <AppstoreOutlined aria-hidden /> },
  { path: "/services", text: "services", key: "s", icon: <DatabaseOutlined aria-hidden /> },
  { path: "/alerts", text: "alerts", key: "a", icon: <AlertOutlined aria-hidden /> },
  { path: "/hosts", text: "hosts", key: "h", icon: <ClusterOutlined aria-hidden /> },
  { path: "/spaces", text: "spaces", key: "p", icon: <GroupOutlined aria-hidden /> },
  { path: "/accounts", text: "accounts", key: "c", icon: <TeamOutlined aria-hidden /> },
  { path: "/settings", text: "settings", key: "t", icon: <SettingOutlined aria-hidden /> },
];
