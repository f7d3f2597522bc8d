"""The custom resources `moorage.dev/v1` as models; the CRD YAML is generated from them. Pure: imports nothing of ours."""
