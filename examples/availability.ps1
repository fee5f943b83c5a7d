# Breaks the wiki of examples/mediawiki.ps1 in three ways while 40 requests a second measure what its users would notice.
Get-KlService web |
    Measure-KlAvailability -Rate 40 -Duration 90s -During {
        Get-KlPod database* | Start-KlFault ContainerKill -Wait
        Get-KlVm kubernetes-3 | Start-KlFault NodeCrash -For 20s -Wait
        Get-KlNode kubernetes-4 | Start-KlFault NetworkPartition -From (Get-KlNode kubernetes-2) -For 15s -Wait
    } |
    Export-KlReport availability.html
