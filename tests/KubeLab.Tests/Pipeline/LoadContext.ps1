# Other modules load their own YamlDotNet. The empty assembly $OtherAssembly stands for theirs and is loaded first.
param([string] $Manifest, [string] $OtherAssembly)
$ErrorActionPreference = 'Stop'
[void] [Runtime.Loader.AssemblyLoadContext]::Default.LoadFromAssemblyPath($OtherAssembly)
Import-Module $Manifest
[void] (Get-Command Get-KlCluster).OutputType.Type.Assembly # loads the engine
$ours = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ KubeLab
$yaml = $ours.LoadFromAssemblyName([Reflection.AssemblyName]::new('KubernetesClient')).GetType('k8s.KubernetesYaml')
$table = [Collections.Generic.Dictionary[string, int]]::new()
$table['answer'] = 42
$yaml.GetMethod('Serialize').Invoke($null, [object[]] @(, $table))
[Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { $_.GetName().Name } |
    Where-Object { $_ -in 'KubeLab.Engine', 'KubernetesClient', 'Renci.SshNet', 'CliWrap' } | ForEach-Object { "$_ is in the default context" }
