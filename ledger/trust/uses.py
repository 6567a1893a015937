"""What units are used for (用途)."""

USE_KINDS = {"home": "住宅", "shop": "商铺", "unsold": "建设单位未售"}
