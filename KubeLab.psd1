@{
  # Nested, for Get-Help looks for a root module's help beside the manifest alone.
  NestedModules        = @('Module/KubeLab.dll')
  ModuleVersion        = '0.1.0'
  GUID                 = '6b0f4a3e-6a2c-4d2b-9d0e-2f1c9a7e5b40'
  Author               = 'The KubeLab authors'
  Copyright            = '(c) The KubeLab authors. MIT License.'
  Description          = 'From nothing to a running application on a real Kubernetes cluster, in one pipeline.'
  PowerShellVersion    = '7.6'
  CompatiblePSEditions = @('Core')
  FormatsToProcess     = @('Module/KubeLab.Format.ps1xml')
  TypesToProcess       = @('Module/KubeLab.Types.ps1xml')
  FunctionsToExport    = @()
  CmdletsToExport      = @(
    'Test-KlAccess'
    'Measure-KlAvailability'
    'Get-KlCloud'
    'Get-KlCluster'
    'Initialize-KlCluster'
    'Select-KlCluster'
    'Test-KlConsistency'
    'Get-KlDatabase'
    'New-KlDatabase'
    'Remove-KlDatabase'
    'Set-KlDatabase'
    'Get-KlDeployment'
    'New-KlDeployment'
    'Remove-KlDeployment'
    'Restart-KlDeployment'
    'Set-KlDeployment'
    'Get-KlEvent'
    'Get-KlFault'
    'Start-KlFault'
    'Stop-KlFault'
    'Publish-KlImage'
    'Compare-KlManifest'
    'Publish-KlManifest'
    'Remove-KlManifest'
    'Install-KlKubeadm'
    'Copy-KlItem'
    'Get-KlLog'
    'New-KlNamespace'
    'Get-KlMachineImage'
    'Remove-KlMachineImage'
    'Get-KlMetric'
    'Get-KlNode'
    'Join-KlNode'
    'Resume-KlNode'
    'Set-KlNode'
    'Suspend-KlNode'
    'Enter-KlPod'
    'Get-KlPod'
    'Invoke-KlPodCommand'
    'Get-KlPortForward'
    'Start-KlPortForward'
    'Stop-KlPortForward'
    'Get-KlRegistry'
    'New-KlRegistry'
    'New-KlConfigMap'
    'New-KlSecret'
    'Export-KlReport'
    'Get-KlResource'
    'Remove-KlResource'
    'Wait-KlResource'
    'Get-KlRollout'
    'Undo-KlRollout'
    'Get-KlService'
    'Get-KlStack'
    'New-KlService'
    'Remove-KlService'
    'Invoke-KlVmCommand'
    'Connect-KlVm'
    'Get-KlVm'
    'New-KlVm'
    'Remove-KlVm'
    'Restart-KlVm'
    'Start-KlVm'
    'Stop-KlVm'
    'Wait-KlVm'
  )
  VariablesToExport    = @()
  AliasesToExport      = @('Expose-KlService')
  PrivateData          = @{
    PSData = @{
      Tags = @('Kubernetes', 'kubeadm', 'OpenStack', 'Docker', 'Linux', 'MacOS', 'Windows')
    }
  }
}
