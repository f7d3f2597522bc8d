/** What the navigation leads to, once for the menu, the routes and the keys. */

import {
  AlertOutlined, AppstoreOutlined, AreaChartOutlined, ClusterOutlined, DashboardOutlined, DatabaseOutlined, GroupOutlined, SettingOutlined, TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

export interface Page {
  path: string;
  text: "overview" | "market" | "services" | "charts" | "alerts" | "hosts" | "spaces" | "accounts" | "settings";
  /** After "g". */
  key: string;
  icon: ReactNode;
}

/** The one that an address is part of; nothing when it is part of none. */
export function pageAt(path: string): Page | undefined {
  return PAGES.find((page) => path === page.path || (page.path !== "/" && path.startsWith(`${page.path}/`)));
}

export const PAGES: Page[] = [
  { path: "/", text: "overview", key: "o", icon: <DashboardOutlined aria-hidden /> },
  { path: "/market", text: "market", key: "m", icon: <AppstoreOutlined aria-hidden /> },
  { path: "/services", text: "services", key: "s", icon: <DatabaseOutlined aria-hidden /> },
  { path: "/charts", text: "charts", key: "d", icon: <AreaChartOutlined aria-hidden /> },
  { path: "/alerts", text: "alerts", key: "a", icon: <AlertOutlined aria-hidden /> },
  { path: "/hosts", text: "hosts", key: "h", icon: <ClusterOutlined aria-hidden /> },
  { path: "/spaces", text: "spaces", key: "p", icon: <GroupOutlined aria-hidden /> },
  { path: "/accounts", text: "accounts", key: "c", icon: <TeamOutlined aria-hidden /> },
  { path: "/settings", text: "settings", key: "t", icon: <SettingOutlined aria-hidden /> },
];
