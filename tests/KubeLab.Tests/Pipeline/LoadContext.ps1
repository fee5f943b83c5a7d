# Other modules load their own YamlDotNet. The one in $Stranger is already loaded and has no functionality.
param([string] $Manifest, [string] $Stranger)
$ErrorActionPreference = 'Stop'
[void] [Runtime.Loader.AssemblyLoadContext]::Default.LoadFromAssemblyPath($Stranger)
Import-Module $Manifest
[void] (Get-Command Get-KlCluster).OutputType.Type.Assembly # loads the engine
$ours = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ KubeLab
$yaml = $ours.LoadFromAssemblyName([Reflection.AssemblyName]::new('KubernetesClient')).GetType('k8s.KubernetesYaml')
$table = [Collections.Generic.Dictionary[string, int]]::new()
$table['answer'] = 42
$yaml.GetMethod('Serialize').Invoke($null, [object[]] @(, $table))
[Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { $_.GetName().Name } |
    Where-Object { $_ -in 'KubeLab.Engine', 'KubernetesClient', 'Renci.SshNet', 'CliWrap' } | ForEach-Object { "$_ is in the default context" }
