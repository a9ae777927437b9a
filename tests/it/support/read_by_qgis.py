"""Reads what it is told to with QGIS's own providers, without a window, and says as JSON what it found.

Standard input: a list of {"provider", "source", "key"?, "where"?, "box"?: [west, south, east, north],
"plot"?: {"srs", "box", "at": [[x, y]]}}; the providers are QGIS's, and `qlr` for layer files.
Standard output: one object for each. `area` is planar, in the layer's own units, so that PostGIS can be asked for the same;
`distinct` counts the values of `key`, and `first` is the feature with the least.
"""
import json
import os
import sys
from collections import Counter

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsLayerDefinition,
    QgsLayerTreeGroup,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsRenderContext,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

def opened(asked):
    provider = asked["provider"]
    if provider == "vectortile":
        return QgsVectorTileLayer(asked["source"], "tiles")
    if provider == "wms":
        return QgsRasterLayer(asked["source"], "picture", "wms")
    return QgsVectorLayer(asked["source"], "layer", provider)


def request(asked):
    it = QgsFeatureRequest()
    if "box" in asked:
        it.setFilterRect(QgsRectangle(*asked["box"]))
    if "where" in asked:
        it.setFilterExpression(asked["where"])
    return it


def drawn(layers, asked):
    """Whether each place that is asked for is coloured on a picture of 200 by 200 pixels."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(asked["plot"]["srs"]))
    settings.setExtent(QgsRectangle(*asked["plot"]["box"]))
    settings.setOutputSize(QSize(200, 200))
    settings.setBackgroundColor(QColor(0, 0, 0, 0))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return {"coloured": [image.pixelColor(x, y).alpha() > 0 for x, y in asked["plot"]["at"]]}


def vector(layer, asked):
    found = {
        "aliases": {it.name(): it.alias() for it in layer.fields()},
        "counted": layer.featureCount(),
    }
    rows, area, keys, least = 0, 0.0, set(), None
    for feature in layer.getFeatures(request(asked)):
        rows += 1
        if feature.hasGeometry():
            area += feature.geometry().area()
        if "key" not in asked:
            continue
        key = feature[asked["key"]]
        if least is None or key < least:
            least = key
            found["first"] = {it.name(): str(feature[it.name()]) for it in layer.fields()}
        keys.add(key)
    return {**found, "rows": rows, "area": area, "distinct": len(keys)}


def colours(layer):
    """How many features are drawn in each colour; under `null` those that the renderer has nothing for."""
    context = QgsRenderContext()
    renderer = layer.renderer()
    renderer.startRender(context, layer.fields())
    symbols = [renderer.symbolForFeature(it, context) for it in layer.getFeatures()]
    found = Counter(it.color().name() if it else None for it in symbols)
    renderer.stopRender(context)
    return found


def answer(asked):
    if asked["provider"] == "qlr":
        group = QgsLayerTreeGroup()
        done, why = QgsLayerDefinition.loadLayerDefinition(asked["source"], QgsProject.instance(), group)
        layers = [it.layer() for it in group.findLayers()]
        return {
            "valid": done,
            "why": why,
            "layers": [
                {
                    "name": it.name(),
                    "valid": it.isValid(),
                    "crs": it.crs().authid(),
                    **({**vector(it, asked), "colours": colours(it)} if it.isValid() else {}),
                }
                for it in layers
            ],
        }
    layer = opened(asked)
    found = {"valid": layer.isValid(), "crs": layer.crs().authid()}
    if not layer.isValid():
        # The summary of no error at all ends the process.
        return {**found, "why": "" if layer.error().isEmpty() else layer.error().summary()}
    if isinstance(layer, QgsVectorLayer):
        found.update(vector(layer, asked))
    if "plot" in asked:
        found.update(drawn([layer], asked))
    return found


QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
print(json.dumps([answer(it) for it in json.load(sys.stdin)]))
sys.stdout.flush()
# Its threads may take long to end; nothing is left to be written.
os._exit(0)
