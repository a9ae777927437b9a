//! `GetPropertyValue`.

use super::TYPE;
use super::attribute;
use super::report;
use super::text;
use crate::ogc::with_grid;

#[tokio::test]
async fn values_of_one_property_come_without_their_features() {
    let it = with_grid(30).await;
    it.sql("update mutu.parcel set village = '甲<村>' where parcel_id % 10 = 0").await;
    let get = |rest: &str| {
        format!("/wfs?service=WFS&version=2.0.0&request=GetPropertyValue&typeNames={TYPE}&{rest}")
    };
    let found = text(&it, &get("valueReference=mutu:parcel_code&count=7&startIndex=7")).await;
    assert!(found.contains("<wfs:ValueCollection") && found.contains("</wfs:ValueCollection>"));
    let codes: Vec<&str> = found
        .split("<wfs:member><mutu:parcel_code>")
        .skip(1)
        .map(|it| it.split('<').next().unwrap())
        .collect();
    let wanted: Vec<String> = (8..15).map(|it| format!("P{it:05}")).collect();
    assert_eq!(codes, wanted);
    assert_eq!(
        (attribute(&found, "numberMatched"), attribute(&found, "numberReturned")),
        ("30", "7")
    );
    assert!(attribute(&found, "next").contains("startIndex=14"), "{found}");
    // Features without a value have no member, and are not counted.
    let some = text(&it, &get("valueReference=village")).await;
    assert_eq!(attribute(&some, "numberReturned"), "3");
    assert_eq!(some.matches("<mutu:village>甲&lt;村&gt;</mutu:village>").count(), 3, "{some}");
    let shapes = text(&it, &get("valueReference=geom&count=2&srsName=EPSG:4549")).await;
    assert_eq!(shapes.matches("<wfs:member><mutu:geom>").count(), 2, "{shapes}");
    let body = format!(
        "<wfs:GetPropertyValue service='WFS' version='2.0.0' valueReference='name' xmlns:wfs='http://www.opengis.net/wfs/2.0'>\
         <wfs:Query typeNames='{TYPE}'/></wfs:GetPropertyValue>"
    );
    let response = it.client.post(it.url("/wfs")).body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.unwrap().matches("<mutu:name>").count(), 30);
    for wrong in [
        "",
        "valueReference=nmae",
        "valueReference=holder_uscc",
        "valueReference=name&outputFormat=application/json",
    ] {
        let told = report(it.get(&get(wrong)).await, 400, wrong).await;
        assert!(told.contains("valueReference") || told.contains("outputFormat"), "{told}");
    }
    let hits = text(&it, &get("valueReference=village&resultType=hits")).await;
    assert_eq!(attribute(&hits, "numberMatched"), "3");
}
