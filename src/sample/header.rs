//! The files of the district and their headers, each with the core column that it stands for.
//!
//! The layer folders' aliases and the tables' mappings are tested against this list.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    Integer,
    /// Written with so many decimal places.
    Decimal(usize),
    Date,
}

/// A column of a file: its header and the core column; empty where there is none, so that it goes to `extra`.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub header: &'static str,
    pub core: &'static str,
    pub kind: Type,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Polygon,
    Line,
    /// A table without geometry.
    None,
}

/// A file: its name without an ending, the layer or table it is imported into, its columns.
#[derive(Clone, Copy, Debug)]
pub struct File {
    pub name: &'static str,
    pub into: &'static str,
    /// Names the file in English, in the README.
    pub about: &'static str,
    pub shape: Shape,
    pub columns: &'static [Column],
}

const fn text(header: &'static str, core: &'static str) -> Column {
    Column { header, core, kind: Type::Text }
}

const fn integer(header: &'static str, core: &'static str) -> Column {
    Column { header, core, kind: Type::Integer }
}

const fn decimal(header: &'static str, core: &'static str, places: usize) -> Column {
    Column { header, core, kind: Type::Decimal(places) }
}

const fn date(header: &'static str, core: &'static str) -> Column {
    Column { header, core, kind: Type::Date }
}

pub const TOWNS: File = File {
    name: "街镇界线",
    into: "towns",
    about: "towns",
    shape: Shape::Polygon,
    columns: &[text("街镇代码", "code"), text("街镇名称", "name")],
};

pub const VILLAGES: File = File {
    name: "村庄",
    into: "villages",
    about: "villages",
    shape: Shape::Polygon,
    columns: &[text("村庄名称", "name"), text("街镇代码", "town_code")],
};

pub const ROADS: File = File {
    name: "道路",
    into: "roads",
    about: "roads",
    shape: Shape::Line,
    columns: &[text("道路名称", "name"), text("道路等级", "class")],
};

pub const WATER: File = File {
    name: "水系",
    into: "water",
    about: "rivers, creeks and ponds",
    shape: Shape::Polygon,
    columns: &[text("水系名称", "name"), text("水系类型", "kind")],
};

pub const CONSTRUCTION_AREA: File = File {
    name: "集中建设区",
    into: "construction_area",
    about: "planned concentrated construction area",
    shape: Shape::Polygon,
    columns: &[text("编号", "code"), text("名称", "name")],
};

pub const GROWTH_BOUNDARY: File = File {
    name: "城镇开发边界",
    into: "growth_boundary",
    about: "urban growth boundary",
    shape: Shape::Polygon,
    columns: &[text("编号", "code"), text("名称", "name")],
};

pub const CONTROL_PLAN: File = File {
    name: "控详规划",
    into: "control_plan",
    about: "plots of the control plan",
    shape: Shape::Polygon,
    columns: &[
        text("地块编号", "code"),
        text("规划名称", "name"),
        text("用地代码", "land_use_code"),
        text("用地性质", "land_use"),
        decimal("容积率上限", "far_limit", 2),
        decimal("建筑限高(米)", "height_limit_m", 0),
    ],
};

pub const INDUSTRY_LAYOUT: File = File {
    name: "产业布局规划",
    into: "industry_layout",
    about: "industry layout plan",
    shape: Shape::Polygon,
    columns: &[text("编号", "code"), text("名称", "name"), text("产业空间类型", "kind")],
};

pub const BASIC_FARMLAND: File = File {
    name: "永久基本农田",
    into: "basic_farmland",
    about: "permanent basic farmland",
    shape: Shape::Polygon,
    columns: &[
        text("图斑编号", "code"),
        text("地类名称", "name"),
        decimal("图斑面积(亩)", "area_mu", 2),
    ],
};

pub const ECO_REDLINE: File = File {
    name: "生态保护红线",
    into: "eco_redline",
    about: "ecological red lines",
    shape: Shape::Polygon,
    columns: &[text("红线编号", "code"), text("红线名称", "name"), text("红线类型", "kind")],
};

/// Names of at most ten bytes in GBK: a DBF has no room for more.
pub const BLOCKS_104: File = File {
    name: "104区块",
    into: "blocks_104",
    about: "the 104 industrial blocks (GBK, EPSG:4549)",
    shape: Shape::Polygon,
    columns: &[
        text("区块编号", "code"),
        text("区块名称", "name"),
        text("管理单位", "unit"),
        decimal("面积_亩", "area_mu", 2),
    ],
};

pub const PARCELS: File = File {
    name: "现状工业用地",
    into: "parcels",
    about: "industrial parcels",
    shape: Shape::Polygon,
    columns: &[
        text("宗地代码", "parcel_code"),
        text("宗地名称", "name"),
        text("坐落", "address"),
        text("街镇代码", "town_code"),
        text("管理单位", "responsible_unit"),
        text("村居", "village"),
        text("权利人", ""),
        text("权利人统一社会信用代码", "holder_uscc"),
        text("所有权性质", "ownership"),
        text("使用权类型", "tenure"),
        text("土地用途代码", "land_use_code"),
        text("实际用途", "use_actual"),
        text("使用状况", "status"),
        text("行业代码", "industry_code"),
        text("合同编号", "contract_no"),
        date("约定开工日期", "contract_start"),
        date("约定竣工日期", "contract_finish"),
        decimal("约定容积率", "contract_far", 2),
        decimal("约定亩均税收(万元/亩)", "contract_tax_wan_per_mu", 2),
        decimal("现状容积率", "far_reported", 2),
        decimal("总建筑面积(平方米)", "gfa_m2", 2),
        decimal("证载面积(平方米)", "area_registered_m2", 2),
        decimal("证载面积(亩)", "area_registered_mu", 2),
        text("认定区域", "block_class_override"),
        text("认定理由", "override_reason"),
    ],
};

pub const BUILDINGS: File = File {
    name: "厂房建筑",
    into: "buildings",
    about: "buildings",
    shape: Shape::Polygon,
    columns: &[
        text("房屋编号", "building_code"),
        text("宗地代码", "parcel_code"),
        text("房屋名称", "name"),
        text("房屋结构", "structure"),
        integer("层数", "floors"),
        decimal("层高(米)", "storey_height_m", 1),
        decimal("基底面积(平方米)", "footprint_m2", 2),
        decimal("建筑面积(平方米)", "floor_area_m2", 2),
        decimal("空置面积(平方米)", "vacant_area_m2", 2),
        integer("建成年份", "year_built"),
    ],
};

pub const ENTERPRISES: File = File {
    name: "企业名录",
    into: "enterprises",
    about: "enterprises",
    shape: Shape::None,
    columns: &[
        text("统一社会信用代码", "uscc"),
        text("企业名称", "name"),
        text("行业代码", "industry_code"),
        text("行业名称", ""),
        text("是否规上", "is_scale"),
        date("成立日期", "founded"),
        date("投产日期", "in_production"),
        text("街镇代码", "town_code"),
        text("高新技术企业", "is_hightech"),
        text("重点企业", "is_key"),
    ],
};

pub const ENTERPRISE_YEARS: File = File {
    name: "企业年度指标",
    into: "enterprise_years",
    about: "yearly figures of enterprises",
    shape: Shape::None,
    columns: &[
        text("统一社会信用代码", "uscc"),
        text("企业名称", ""),
        integer("年份", "year"),
        decimal("工业总产值(万元)", "output_wan", 2),
        decimal("营业收入(万元)", "revenue_wan", 2),
        decimal("工业增加值(万元)", "value_added_wan", 2),
        decimal("实缴税金(万元)", "tax_paid_wan", 2),
        decimal("政策性减免税(万元)", "tax_policy_adj_wan", 2),
        decimal("评价税收(万元)", "tax_wan", 2),
        decimal("综合能耗(吨标准煤)", "energy_tce", 2),
        decimal("用电量(千瓦时)", "electricity_kwh", 0),
        decimal("用水量(立方米)", "water_m3", 0),
        decimal("主要污染物排放量(吨)", "emission_t", 3),
        decimal("研发经费(万元)", "rd_wan", 2),
        integer("平均职工人数(人)", "employees"),
        decimal("固定资产投资(万元)", "investment_wan", 2),
    ],
};

pub const OCCUPANCIES: File = File {
    name: "用地关系",
    into: "occupancies",
    about: "who uses which parcel",
    shape: Shape::None,
    columns: &[
        text("宗地代码", "parcel_code"),
        text("统一社会信用代码", "uscc"),
        text("用地关系", "role"),
        decimal("使用建筑面积(平方米)", "floor_m2", 2),
        decimal("分摊用地面积(平方米)", "land_m2", 2),
        date("起始日期", "from_date"),
        date("终止日期", "to_date"),
        decimal("年租金(万元)", "rent_wan", 2),
    ],
};

/// All files in the order of import: what others refer to comes first.
pub const FILES: [File; 16] = [
    TOWNS,
    VILLAGES,
    ROADS,
    WATER,
    CONSTRUCTION_AREA,
    GROWTH_BOUNDARY,
    CONTROL_PLAN,
    INDUSTRY_LAYOUT,
    BASIC_FARMLAND,
    ECO_REDLINE,
    BLOCKS_104,
    PARCELS,
    BUILDINGS,
    ENTERPRISES,
    ENTERPRISE_YEARS,
    OCCUPANCIES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_of_the_shapefile_fit_its_ten_bytes() {
        for column in BLOCKS_104.columns {
            assert!(encoding_rs::GBK.encode(column.header).0.len() <= 10, "{}", column.header);
        }
    }

    #[test]
    fn headers_and_columns_are_unique_within_a_file() {
        for file in FILES {
            for (index, column) in file.columns.iter().enumerate() {
                for other in &file.columns[index + 1..] {
                    assert_ne!(column.header, other.header, "{}", file.name);
                    assert!(column.core.is_empty() || column.core != other.core, "{}", file.name);
                }
            }
        }
    }
}
