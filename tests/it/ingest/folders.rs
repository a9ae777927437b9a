//! Every layer folder's `check.geojson` goes in by the folder's own aliases.

use mutu::layer::Geometry;
use mutu::layer::Kind;

use super::folder;
use super::imported;
use super::write;
use crate::support::TestApp;

#[tokio::test]
async fn the_check_features_of_every_folder_are_imported() {
    let it = TestApp::new().await;
    let dir = folder();
    let mut tried = 0;
    for layer in it
        .app
        .layers
        .layers
        .values()
        .filter(|it| it.kind != Kind::Derived && it.geometry != Geometry::None)
        // Cases of lists come about by their workflow, never from a file.
        .filter(|it| it.table.as_deref() != Some("reuse_case"))
    {
        let Some(check) = &layer.check else { panic!("layers/{}: no check.geojson", layer.id) };
        let file = write(dir.path(), "check.geojson", check);
        let report = imported(&it, &file, &layer.id).await;
        assert!(report.rows.written > 0, "{}", layer.id);
        // The one awkward feature that cannot be mended is a bow-tie.
        for group in &report.issues {
            let refused = group.severity == mutu::ingest::Severity::Error;
            assert!(
                !refused || group.rule == "geometry_unrepairable" && group.count == 1,
                "{}: {group:?}",
                layer.id
            );
        }
        tried += 1;
    }
    assert!(tried >= 13, "{tried}");
}
