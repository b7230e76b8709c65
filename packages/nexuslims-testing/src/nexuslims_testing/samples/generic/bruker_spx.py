"""A Bruker spectrum: XML with settings by class, and counts as text."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """<?xml version="1.0" encoding="WINDOWS-1252" standalone="yes"?>
<TRTSpectrum><RTHeader/>
<ClassInstance Type="TRTSpectrum" Name="{name}">
<TRTHeaderedClass>
<ClassInstance Type="TRTSpectrumHardwareHeader">
<RealTime>7575</RealTime><LifeTime>7385</LifeTime><DeadTime>3</DeadTime>
<ZeroPeakPosition>96</ZeroPeakPosition><ZeroPeakFrequency>1408</ZeroPeakFrequency>
<PulseDensity>8927</PulseDensity><Amplification>1E4</Amplification>
<ShapingTime>130000</ShapingTime><DetectorTemperature>-20</DetectorTemperature>
</ClassInstance>
<ClassInstance Type="TRTDetectorHeader">
<Technology>SD3pr</Technology><Serial>9990</Serial><Type>XFlash 5010</Type>
<DetectorThickness>4.5E-1</DetectorThickness><DetLayers>{layers}</DetLayers>
<WindowType>slew AP3.3</WindowType>
</ClassInstance>
<ClassInstance Type="TRTESMAHeader">
<PrimaryEnergy>1.5E1</PrimaryEnergy><ElevationAngle>3.5E1</ElevationAngle>
<AzimutAngle>4.5E1</AzimutAngle><Magnification>6.5E2</Magnification>
<WorkingDistance>9</WorkingDistance>
</ClassInstance>
</TRTHeaderedClass>
<ClassInstance Type="TRTSpectrumHeader">
<Size>82</Size><Date>2.3.2018</Date><Time>13:53:4</Time>
<ChannelCount>{channels}</ChannelCount><CalibAbs>-2.5E-1</CalibAbs>
<CalibLin>5E-3</CalibLin><SigmaAbs>2.4E-4</SigmaAbs><SigmaLin>4.3E-4</SigmaLin>
</ClassInstance>
<Channels>{counts}</Channels>
<ClassInstance Type="TRTPSEElementList">
<ChildClassInstances>
<ClassInstance Type="TRTPSEElement" Name="Fe"><Element>26</Element></ClassInstance>
<ClassInstance Type="TRTPSEElement" Name="S"><Element>16</Element></ClassInstance>
</ChildClassInstances>
</ClassInstance>
</ClassInstance>
</TRTSpectrum>
"""


def write_spx(path: Path, counts: list[int]) -> None:
    """Write a spectrum of 15 kV with settings as a Quantax system has them."""
    layers = zlib.compress(
        b'<DetLayers><Layer0 Atom="13" Thickness="5E-3"/></DetLayers>'
    )
    text = TEMPLATE.format(
        name=path.stem,
        layers=base64.b64encode(layers).decode(),
        channels=len(counts),
        counts=",".join(map(str, counts)),
    )
    path.write_text(text, encoding="cp1252")
