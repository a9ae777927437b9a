//! The projection beside PROJ, and the division of long edges beside PostGIS.

use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use mutu::config::Config;
use mutu::overlay::EqualArea;
use mutu::overlay::LONGEST_EDGE;
use mutu::overlay::Reader;

use crate::support::TestApp;

fn proj(centre: [f64; 2]) -> String {
    Config { projection_centre: centre, ..Config::default() }.projection()
}

#[test]
fn places_are_where_proj_has_them() {
    let centres = [
        [121.25, 31.38],
        [121.0, 31.0],
        [-71.1, 42.37],
        [26.95, 60.53],
        [-179.9, -45.0],
        [10.0, 0.0],
    ];
    for centre in centres {
        let text = proj(centre);
        let plane = EqualArea::from_proj(&text).unwrap();
        let geographic = SpatialRef::from_proj4("+proj=longlat +ellps=GRS80 +no_defs").unwrap();
        let planar = SpatialRef::from_proj4(&text).unwrap();
        let transform = CoordTransform::new(&geographic, &planar).unwrap();
        let mut worst = 0.0_f64;
        for reach in [0.001, 0.1, 1.0, 5.0, 30.0] {
            for step in 0..400_u32 {
                // Spread by the golden angle.
                let (r, angle) = (reach * f64::from(step) / 400.0, f64::from(step) * 2.399_963);
                let lat = centre[1] + r * angle.sin();
                let mut lon = centre[0] + r * angle.cos();
                if lat.abs() > 88.0 {
                    continue;
                }
                if lon.abs() > 180.0 {
                    lon -= 360.0_f64.copysign(lon);
                }
                let (mut x, mut y) = ([lon], [lat]);
                transform.transform_coords(&mut x, &mut y, &mut []).unwrap();
                let [east, north] = plane.forward(lon, lat);
                worst = worst.max((east - x[0]).abs()).max((north - y[0]).abs());
            }
        }
        assert!(worst < 1e-6, "{worst} m around {centre:?}");
    }
}

#[test]
fn only_its_own_projection_is_taken() {
    let own = Config::default().projection();
    assert!(EqualArea::from_proj(&own).is_some());
    for other in [
        own.replace("laea", "aea"),
        own.replace("GRS80", "WGS84"),
        own.replace("+x_0=0", "+x_0=1"),
        own.replace("+units=m", "+units=km"),
        own.replace("+lat_0=31.38", "+lat_0=90"),
        own.replace("+lat_0=31.38", ""),
        String::new(),
    ] {
        assert_eq!(EqualArea::from_proj(&other), None, "{other}");
    }
}

#[tokio::test]
async fn long_edges_are_divided_as_postgis_divides_them() {
    let it = TestApp::new().await;
    for wkt in [
        "POLYGON((121 31, 121.0025 31, 121.0025 31.0025, 121 31.0025, 121 31))",
        "POLYGON((121 31, 121.01 31.003, 121.0102 31.2, 121 31.0001, 121 31))",
        "POLYGON((120.1 30.7, 122.3333 30.71, 121.7 32.9, 120.1 30.7),(121 31, 121.2 31, 121.1 31.3, 121 31))",
        "MULTIPOLYGON(((121 31, 121.001 31, 121 31.0076, 121 31)),((122 31, 122.0026 31, 122 31.1, 122 31)))",
    ] {
        let sql = "select st_asewkb(st_geomfromtext($1, 4490)), array_agg(st_x(geom)), array_agg(st_y(geom)) from (
                 select (st_dumppoints(st_transform(st_segmentize(st_geomfromtext($1, 4490), $2), $3))).geom) it";
        let text = Config::default().projection();
        let (ewkb, x, y): (Vec<u8>, Vec<f64>, Vec<f64>) = sqlx::query_as(sql)
            .bind(wkt)
            .bind(LONGEST_EDGE)
            .bind(&text)
            .fetch_one(it.app.db.owner())
            .await
            .unwrap();
        let outline = Reader::new(EqualArea::from_proj(&text).unwrap()).outline(&ewkb).unwrap();
        let mut own: Vec<[f64; 2]> = outline.rings().flatten().copied().collect();
        // PostGIS repeats a ring's first place.
        assert_eq!(own.len() + outline.rings().count(), x.len(), "{wkt}");
        for (x, y) in x.into_iter().zip(y) {
            own.retain(|it| (it[0] - x).abs() > 1e-6 || (it[1] - y).abs() > 1e-6);
        }
        assert_eq!(own, Vec::<[f64; 2]>::new(), "{wkt}: vertices that PostGIS has not");
    }
}
